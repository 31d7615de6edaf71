import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type {
  ExchangeOAuthCodeRequest,
  IdTokenRequest,
  LinkedAccount,
  OAuthProviderName,
  OAuthStart,
  OAuthStartRequest,
} from '@chat/shared/contracts';
import { IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { PLATFORMS, PROVIDER_NAMES } from './providers/oauth-provider.js';

const CHALLENGE = { description: 'PKCE, S256: BASE64URL(SHA256(verifier))', example: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' };

export class ProviderDto {
  @ApiProperty({ enum: PROVIDER_NAMES })
  @IsIn(PROVIDER_NAMES)
  provider: OAuthProviderName;
}

export class OAuthStartQuery implements OAuthStartRequest {
  @ApiPropertyOptional({ enum: PLATFORMS, default: 'web' })
  @IsIn(PLATFORMS)
  platform: 'web' | 'mobile' = 'web';

  @ApiPropertyOptional({ ...CHALLENGE, description: `${CHALLENGE.description}. Required for mobile` })
  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]{43}$/, { message: 'codeChallenge must be a SHA-256 hash in base64url, 43 characters' })
  codeChallenge?: string;
}

export class OAuthStartDto implements OAuthStart {
  @ApiProperty({ description: 'Address to open in a browser' }) url: string;
  @ApiProperty({ format: 'date-time', description: 'The address can be opened until then' }) expiresAt: string;
}

export class ExchangeOAuthCodeDto implements ExchangeOAuthCodeRequest {
  @ApiProperty({ description: 'From the callback. It works once, within 60 seconds' })
  @IsString()
  @MaxLength(512)
  code: string;

  @ApiPropertyOptional({ description: 'The source of code_challenge. Required if, and only if, the sign-in was begun with a challenge' })
  @IsOptional()
  @IsString()
  @MaxLength(512)
  codeVerifier?: string;
}

export class IdTokenDto extends ProviderDto implements IdTokenRequest {
  @ApiProperty({ description: "JWT from the provider's SDK" })
  @IsString()
  @MaxLength(16_384)
  idToken: string;

  @ApiProperty({ description: 'The nonce that the app gave to the SDK. The token must contain it' })
  @IsString()
  @Length(1, 512)
  nonce: string;
}

export class LinkedAccountDto implements LinkedAccount {
  @ApiProperty({ enum: PROVIDER_NAMES }) provider: OAuthProviderName;
  @ApiProperty({ type: String, nullable: true }) email: string | null;
  @ApiProperty({ format: 'date-time' }) linkedAt: string;
}
