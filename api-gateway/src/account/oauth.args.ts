import type { OAuthProviderName } from '@chat/shared/contracts';
import { ArgsType, Field } from '@nestjs/graphql';
import { IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { type ClientPlatform, ClientPlatformEnum, OAuthProviderEnum } from './oauth.types.js';

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const CHALLENGE_ERROR = { message: 'codeChallenge must be a SHA-256 hash in base64url, 43 characters' };

@ArgsType()
export class GoogleAuthUrlArgs {
  @IsIn(['web', 'mobile'], { message: 'platform must be web or mobile' })
  @Field(() => String, { defaultValue: 'web' })
  platform: ClientPlatform;

  @IsOptional()
  @Matches(CHALLENGE, CHALLENGE_ERROR)
  @Field(() => String, { nullable: true })
  codeChallenge?: string | null;
}

@ArgsType()
export class OAuthUrlArgs {
  @IsIn(Object.values(OAuthProviderEnum))
  @Field(() => OAuthProviderEnum)
  provider: OAuthProviderName;

  @IsIn(Object.values(ClientPlatformEnum))
  @Field(() => ClientPlatformEnum, { defaultValue: ClientPlatformEnum.WEB })
  platform: ClientPlatform;

  @Matches(CHALLENGE, CHALLENGE_ERROR)
  @Field()
  codeChallenge: string;
}

@ArgsType()
export class ExchangeOAuthCodeArgs {
  @IsString()
  @MaxLength(512)
  @Field()
  code: string;

  @IsOptional()
  @IsString()
  @MaxLength(512)
  @Field(() => String, { nullable: true })
  codeVerifier?: string | null;
}

@ArgsType()
export class IdTokenArgs {
  @IsIn(Object.values(OAuthProviderEnum))
  @Field(() => OAuthProviderEnum)
  provider: OAuthProviderName;

  @IsString()
  @MaxLength(16_384)
  @Field()
  idToken: string;

  @Length(1, 512)
  @Field()
  nonce: string;
}

@ArgsType()
export class ProviderArgs {
  @IsIn(Object.values(OAuthProviderEnum))
  @Field(() => OAuthProviderEnum)
  provider: OAuthProviderName;
}
