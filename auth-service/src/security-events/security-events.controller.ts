import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import type { Paginated, SecurityEvent } from '@chat/shared/contracts';
import { PageQuery } from '@chat/shared/http';
import { SecurityEventPageDto } from './security-event-page.dto.js';
import { SecurityLogService } from './security-log.service.js';

@ApiTags('security events')
@Controller('auth')
export class SecurityEventsController {
  constructor(private readonly log: SecurityLogService) {}

  @ApiOperation({ summary: "What happened to the caller's account: sign-ins, new devices, wrong codes, changes." })
  @Get('security-events')
  @ApiBearerAuth()
  @ApiOkResponse({ type: SecurityEventPageDto })
  list(@CurrentUser() caller: AuthenticatedUser, @Query() query: PageQuery): Promise<Paginated<SecurityEvent>> {
    return this.log.list(caller, query);
  }
}
