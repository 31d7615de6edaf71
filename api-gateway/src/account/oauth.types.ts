import type { OAuthProviderName } from '@chat/shared/contracts';
import { ArgsType, Field, ObjectType, registerEnumType } from '@nestjs/graphql';
import { IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { DateTime } from '../graphql/date-time.scalar.js';

export const OAuthProviderEnum = { GOOGLE: 'google', GITHUB: 'github', FACEBOOK: 'facebook' } as const;
registerEnumType(OAuthProviderEnum, { name: 'OAuthProvider' });

export const ClientPlatformEnum = { WEB: 'web', MOBILE: 'mobile' } as const;
registerEnumType(ClientPlatformEnum, { name: 'ClientPlatform' });
type ClientPlatform = (typeof ClientPlatformEnum)[keyof typeof ClientPlatformEnum];

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const NOT_A_CHALLENGE = { message: 'codeChallenge must be a SHA-256 hash in base64url, 43 characters' };

@ObjectType()
export class GoogleAuthUrlResponse {
  @Field()
  url: string;
}

@ObjectType('OAuthUrl')
export class OAuthUrl {
  @Field({ description: 'To be opened in a browser.' })
  url: string;

  @Field(() => DateTime, { description: 'Until when it can be opened.' })
  expiresAt: string;
}

@ObjectType()
export class LinkedAccount {
  @Field(() => OAuthProviderEnum)
  provider: OAuthProviderName;

  @Field(() => String, { nullable: true, description: 'As the provider gave it when it was linked.' })
  email: string | null;

  @Field(() => DateTime)
  linkedAt: string;
}

@ArgsType()
export class GoogleAuthUrlArgs {
  @IsIn(['web', 'mobile'], { message: 'platform must be web or mobile' })
  @Field(() => String, { defaultValue: 'web' })
  platform: ClientPlatform;

  @IsOptional()
  @Matches(CHALLENGE, NOT_A_CHALLENGE)
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

  @Matches(CHALLENGE, NOT_A_CHALLENGE)
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
