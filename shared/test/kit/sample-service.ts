import { Body, Controller, Get, Module, Post, Query } from '@nestjs/common';
import { AuthModule, type AuthenticatedUser, CurrentUser, ForServices, Public } from '../../src/auth/index.js';
import { bootstrapService, type RunningService } from '../../src/bootstrap/index.js';
import { RedisConfig } from '../../src/config/index.js';
import { AppError } from '../../src/errors/index.js';
import { PageQuery } from '../../src/http/index.js';
import { currentContext } from '../../src/observability/index.js';
import { testInfra, testPublicKeys, type TestTokens } from '../../src/testing/index.js';
import { configOf } from './http.js';
import { SampleDto } from './sample.dto.js';

@Controller('sample')
class SampleController {
  @Public()
  @Get()
  list(@Query() query: PageQuery) {
    return { page: query.page, limit: query.limit };
  }

  @Public()
  @Post()
  create(@Body() body: SampleDto) {
    return { ...body, correlationId: currentContext()?.correlationId, traceparent: currentContext()?.traceparent };
  }

  @Public()
  @Get('broken')
  broken() {
    throw new Error('select * from secrets failed on 10.0.0.7');
  }

  @Public()
  @Get('gone')
  gone() {
    throw new AppError('not-found', 'sample/not-found', 'No such sample.', { details: { hint: 'none' } });
  }

  @Public()
  @Get('refused')
  refused() {
    throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' });
  }

  @Get('mine')
  mine(@CurrentUser() user: AuthenticatedUser) {
    return { userId: user.userId, sessionId: user.sessionId };
  }

  @ForServices('profile-service')
  @Get('for-profile-service')
  forProfileService(@CurrentUser() user: AuthenticatedUser) {
    return { userId: user.userId, issuer: user.issuer };
  }
}

/** A service whose routes give each kind of answer. */
export async function startSampleService(tokens: TestTokens): Promise<RunningService> {
  const config = configOf({ AUTH_SERVICE_URL: tokens.baseUrl });
  const redis = RedisConfig.fromUrl(testInfra().redisUrl);

  @Module({
    imports: [AuthModule.forRoot(config, redis, { service: 'chat-service', publicKeys: testPublicKeys() })],
    controllers: [SampleController],
  })
  class SampleModule {}

  return await bootstrapService({ name: 'sample', module: SampleModule, config, openApi: { title: 'Sample' } });
}
