import type { OAuthProviderName } from '@chat/shared/contracts';
import { Field, ObjectType, registerEnumType } from '@nestjs/graphql';
import { DateTime } from '../graphql/date-time.scalar.js';

export const OAuthProviderEnum = { GOOGLE: 'google', GITHUB: 'github', FACEBOOK: 'facebook' } as const;
registerEnumType(OAuthProviderEnum, { name: 'OAuthProvider', description: 'A provider with which users can sign in.' });

export const ClientPlatformEnum = { WEB: 'web', MOBILE: 'mobile' } as const;
registerEnumType(ClientPlatformEnum, {
  name: 'ClientPlatform',
  description: 'WEB: the sign-in ends at the web client. MOBILE: it ends at the app, by a deep link.',
});
export type ClientPlatform = (typeof ClientPlatformEnum)[keyof typeof ClientPlatformEnum];

@ObjectType()
export class GoogleAuthUrlResponse {
  @Field()
  url: string;
}

@ObjectType('OAuthUrl')
export class OAuthUrl {
  @Field({ description: 'The URL to open in the browser.' })
  url: string;

  @Field(() => DateTime, { description: 'The time at which the URL expires.' })
  expiresAt: string;
}

@ObjectType({ description: 'An account at a provider with which the user can sign in.' })
export class LinkedAccount {
  @Field(() => OAuthProviderEnum)
  provider: OAuthProviderName;

  @Field(() => String, { nullable: true, description: 'The address that the provider reported when the account was linked.' })
  email: string | null;

  @Field(() => DateTime)
  linkedAt: string;
}
