import { ApiProperty } from '@nestjs/swagger';
import type {
  ActiveSession,
  AuthTokens,
  RefreshRequest,
  RevokedSessionCount,
  SessionCheck,
  SessionCheckRequest,
  UserSession,
  ValidatedToken,
} from '@chat/shared/contracts';
import { IsId } from '@chat/shared/http';
import { ArrayMaxSize, IsString, MaxLength } from 'class-validator';
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

const MAX_CHECKED = 1000;

export class SessionCheckRequestDto implements SessionCheckRequest {
  @ApiProperty({ type: [String], format: 'uuid', maxItems: MAX_CHECKED })
  @ArrayMaxSize(MAX_CHECKED)
  @IsId({ each: true })
  sessionIds: string[];

  @ApiProperty({ type: [String], maxItems: MAX_CHECKED })
  @ArrayMaxSize(MAX_CHECKED)
  @IsString({ each: true })
  @MaxLength(200, { each: true })
  keyIds: string[];
}

export class ActiveSessionDto implements ActiveSession {
  @ApiProperty({ format: 'uuid' }) sessionId: string;
  @ApiProperty({ description: 'The time after which it expires, unless it is refreshed before' }) expiresInSeconds: number;
}

export class SessionCheckDto implements SessionCheck {
  @ApiProperty({ type: [ActiveSessionDto], description: 'Those that are neither revoked nor expired' }) active: ActiveSessionDto[];
  @ApiProperty({ type: [String], description: 'Those that an operator has withdrawn' }) withdrawnKeyIds: string[];
}
