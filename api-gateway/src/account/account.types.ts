import type { Profile } from '@chat/shared/contracts';
import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { IsText } from '@chat/shared/http';
import { IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';

@ObjectType({ description: "Names are the profile's." })
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

  @Field(() => String, { nullable: true })
  provider: string | null;

  @Field({ description: 'Whether the owner has shown that the address is theirs' })
  emailVerified: boolean;

  @Field({ description: 'Whether signing in needs a code of an authenticator app' })
  totpEnabled: boolean;

  /** Asks the profile service when a name is selected, at most once. None for who must set up a second factor first. */
  loadProfile: () => Promise<Profile | null>;
}

@ObjectType()
export class AuthResponse {
  @Field()
  accessToken: string;

  @Field()
  refreshToken: string;

  @Field(() => UserPayload)
  user: UserPayload;
}

@InputType()
export class RegisterInput {
  /** What an address is, auth-service decides. */
  @IsText({ min: 1, max: 254 })
  @Field()
  email: string;

  @Matches(/^[A-Za-z0-9._-]{3,32}$/, { message: 'username must be 3 to 32 of A–Z a–z 0–9 . _ -' })
  @Field()
  username: string;

  @Length(8, 256)
  @Field()
  password: string;

  @IsOptional()
  @MaxLength(200)
  @Field(() => String, { nullable: true })
  firstName?: string | null;

  @IsOptional()
  @MaxLength(200)
  @Field(() => String, { nullable: true })
  lastName?: string | null;
}

@InputType()
export class LoginInput {
  @IsString()
  @MaxLength(254)
  @Field()
  email: string;

  @IsString()
  @MaxLength(1024)
  @Field()
  password: string;
}

@InputType()
export class RefreshTokenInput {
  @IsString()
  @Field()
  refreshToken: string;
}
