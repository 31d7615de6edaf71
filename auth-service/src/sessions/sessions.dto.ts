import { ApiProperty } from '@nestjs/swagger';
import type { AuthTokens, RefreshRequest, RevokedSessionCount, UserSession, ValidatedToken } from '@chat/shared/contracts';
import { IsId } from '@chat/shared/http';
import { IsString } from 'class-validator';
import { AccountDto } from '../accounts/accounts.dto.js';

export class AuthTokensDto implements AuthTokens {
  @ApiProperty({ description: 'JWT (RFC 9068), ES256; verify it with /.well-known/jwks.json' }) accessToken: string;
  @ApiProperty({ description: 'Opaque, works once' }) refreshToken: string;
  @ApiProperty({ description: 'Life of the access token', example: 900 }) expiresInSeconds: number;
  @ApiProperty({ type: AccountDto }) user: AccountDto;
}

export class UserSessionDto implements UserSession {
  @ApiProperty({ format: 'uuid' }) sessionId: string;
  @ApiProperty({ description: 'Whether it is the session that asks' }) current: boolean;
  @ApiProperty({ type: String, nullable: true, description: 'The program that used it last' }) userAgent: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'The address it was last used from' }) ipAddress: string | null;
  @ApiProperty({ format: 'date-time' }) createdAt: string;
  @ApiProperty({ format: 'date-time', description: 'When it last got tokens' }) lastUsedAt: string;
}

/** The path of what belongs to one session. */
export class SessionIdDto {
  @ApiProperty({ format: 'uuid' })
  @IsId()
  sessionId: string;
}

export class RevokedSessionCountDto implements RevokedSessionCount {
  @ApiProperty({ description: 'How many sessions ended' }) revoked: number;
}

export class RefreshDto implements RefreshRequest {
  /** Any text: one that is no refresh token is answered as one that is not valid. */
  @ApiProperty({ description: 'Works once' })
  @IsString()
  refreshToken: string;
}

export class ValidatedTokenDto implements ValidatedToken {
  @ApiProperty({ format: 'uuid' }) userId: string;
  @ApiProperty({ format: 'uuid' }) sessionId: string;
}
