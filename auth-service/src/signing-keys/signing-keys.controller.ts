import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '@chat/shared/auth';
import { KeySetDto } from './signing-keys.dto.js';
import { SigningKeysService } from './signing-keys.service.js';

@ApiTags('signing keys')
@Controller('.well-known')
export class SigningKeysController {
  constructor(private readonly signingKeys: SigningKeysService) {}

  @ApiOperation({ summary: 'The public keys for verifying access tokens.' })
  @Public()
  @Get('jwks.json')
  @Header('cache-control', 'public, max-age=60')
  @ApiOkResponse({ type: KeySetDto })
  jwks(): KeySetDto {
    return { keys: this.signingKeys.publicKeys() };
  }
}
