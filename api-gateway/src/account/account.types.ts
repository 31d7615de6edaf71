import type { Profile } from '@chat/shared/contracts';
import { Field, ID, ObjectType } from '@nestjs/graphql';
import { DateTime } from '../graphql/date-time.scalar.js';

@ObjectType({ description: 'Names and picture are those of the profile.' })
export class UserPayload {
  @Field()
  userId: string;

  @Field()
  email: string;

  @Field()
  username: string;

  @Field(() => String, { nullable: true })
  firstName?: string | null;

  @Field(() => String, { nullable: true })
  lastName?: string | null;

  @Field(() => String, { nullable: true, description: 'URL of the profile picture, valid for 10 minutes.' })
  picture?: string | null;

  @Field(() => String, { nullable: true, description: '`local`, or the provider with which the account was created.' })
  provider: string | null;

  @Field({ description: 'True if the user has confirmed the e-mail address.' })
  emailVerified: boolean;

  @Field({ description: 'True if a login requires a TOTP code or a recovery code.' })
  totpEnabled: boolean;

  /** Loads the profile when a name or the picture is selected, at most once. Null during MFA enrolment. */
  loadProfile: () => Promise<Profile | null>;
}

@ObjectType({ description: 'The tokens of a new session, or of a refreshed one.' })
export class AuthResponse {
  @Field({ description: 'A JWT, valid for 15 minutes by default.' })
  accessToken: string;

  @Field({ description: 'Opaque, valid for one use.' })
  refreshToken: string;

  @Field(() => UserPayload)
  user: UserPayload;
}

@ObjectType({ description: 'A session of the current user that is neither revoked nor expired.' })
export class Session {
  @Field(() => ID)
  id: string;

  @Field({ description: 'True for the session of this request.' })
  current: boolean;

  @Field(() => String, { nullable: true })
  userAgent: string | null;

  @Field(() => String, { nullable: true })
  ipAddress: string | null;

  @Field(() => DateTime)
  createdAt: string;

  @Field(() => DateTime, { description: 'The time at which tokens were last issued for the session.' })
  lastUsedAt: string;
}

@ObjectType({ description: 'The key of an authenticator app.' })
export class TotpSetup {
  @Field({ description: 'The key in base 32, to type into the app.' })
  secret: string;

  @Field({ description: 'The key as an otpauth URL, to show as a QR code.' })
  otpauthUrl: string;
}
