import { ApiProperty } from '@nestjs/swagger';
import type { AuthTokens, RefreshRequest, RevokedSessionCount, UserSession, ValidatedToken } from '@chat/shared/contracts';
import { IsString } from 'class-validator';
import { AccountDto } from '../accounts/accounts.dto.js';

export class AuthTokensDto implements AuthTokens {
  @ApiProperty({ description: 'JWT (RFC 9068), ES256; verify it with /.well-known/jwks.json' }) accessToken: string;
  @ApiProperty({ description: 'Opaque, valid for one use' }) refreshToken: string;
  @ApiProperty({ description: 'Lifetime of the access token', example: 900 }) expiresInSeconds: number;
  @ApiProperty({ type: AccountDto }) user: AccountDto;
}

export class UserSessionDto implements UserSession {
  @ApiProperty({ format: 'uuid' }) sessionId: string;
  @ApiProperty({ description: 'Whether it is the session of the request' }) current: boolean;
  @ApiProperty({ type: String, nullable: true, description: 'User agent of the last use' }) userAgent: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'IP address of the last use' }) ipAddress: string | null;
  @ApiProperty({ format: 'date-time' }) createdAt: string;
  @ApiProperty({ format: 'date-time', description: 'When tokens were last issued for it' }) lastUsedAt: string;
}

export class RevokedSessionCountDto implements RevokedSessionCount {
  @ApiProperty({ description: 'The number of revoked sessions' }) revoked: number;
}

export class RefreshDto implements RefreshRequest {
  /** Any text: one that is no refresh token has the same response as an invalid token. */
  @ApiProperty({ description: 'Valid for one use' })
  @IsString()
  refreshToken: string;
}

export class ValidatedTokenDto implements ValidatedToken {
  @ApiProperty({ format: 'uuid' }) userId: string;
  @ApiProperty({ format: 'uuid' }) sessionId: string;
}
