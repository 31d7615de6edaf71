import { ApiProperty } from '@nestjs/swagger';
import type { AuthTokens } from '@chat/shared/contracts';
import { AccountDto } from '../accounts/account.dto.js';

export class AuthTokensDto implements AuthTokens {
  @ApiProperty({ description: 'JWT (RFC 9068), ES256; verify it with /.well-known/jwks.json' }) accessToken: string;
  @ApiProperty({ description: 'Opaque, works once' }) refreshToken: string;
  @ApiProperty({ description: 'Life of the access token', example: 900 }) expiresInSeconds: number;
  @ApiProperty({ type: AccountDto }) user: AccountDto;
}
