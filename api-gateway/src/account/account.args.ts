import { IsCode, IsEmailAddress, IsId, IsName, IsPassword, IsText, IsUsername } from '@chat/shared/http';
import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import { IsOptional, IsString, MaxLength } from 'class-validator';

const MAX_CODE_CHARACTERS = 64;
/** auth-service decides which passwords are accepted: this limit only bounds the request. */
const MAX_PASSWORD_CHARACTERS = 1024;

@InputType()
export class RegisterInput {
  /** Not in its canonical form: auth-service sends mails to the address as the user spells it. It also decides what an address is. */
  @IsText({ min: 1, max: 254 })
  @Field({ description: 'At most 254 characters, unique without case.' })
  email: string;

  @IsUsername()
  @Field({ description: '3 to 32 characters of A–Z a–z 0–9 . _ -, unique without case.' })
  username: string;

  @IsPassword({ min: 8, max: 256 })
  @Field({ description: '8 to 256 characters. Common passwords are rejected.' })
  password: string;

  @IsOptional()
  @IsName({ max: 100, allowEmpty: true })
  @Field(() => String, { nullable: true, description: 'At most 100 characters; for the profile.' })
  firstName?: string | null;

  @IsOptional()
  @IsName({ max: 100, allowEmpty: true })
  @Field(() => String, { nullable: true, description: 'At most 100 characters; for the profile.' })
  lastName?: string | null;
}

/** auth-service answers a malformed address or password like a wrong one, so only the length is limited here. */
@InputType()
export class LoginInput {
  @IsString()
  @MaxLength(254)
  @Field()
  email: string;

  @IsString()
  @MaxLength(MAX_PASSWORD_CHARACTERS)
  @Field()
  password: string;
}

@InputType()
export class RefreshTokenInput {
  @IsString()
  @Field()
  refreshToken: string;
}

@ArgsType()
export class CodeArgs {
  @IsCode({ max: MAX_CODE_CHARACTERS })
  @Field()
  code: string;
}

/** As for LoginInput, a malformed code is answered like a wrong one. */
@ArgsType()
export class CompleteLoginArgs {
  @IsText({ min: 1, max: 500 })
  @Field()
  mfaToken: string;

  @IsText({ min: 1, max: MAX_CODE_CHARACTERS })
  @Field()
  code: string;
}

@ArgsType()
export class ChangePasswordArgs {
  @IsPassword({ min: 0, max: MAX_PASSWORD_CHARACTERS })
  @Field()
  currentPassword: string;

  @IsPassword({ min: 0, max: MAX_PASSWORD_CHARACTERS })
  @Field()
  newPassword: string;
}

@ArgsType()
export class MailTokenArgs {
  @IsString()
  @MaxLength(512)
  @Field()
  token: string;
}

@ArgsType()
export class ResetPasswordArgs extends MailTokenArgs {
  @IsPassword({ min: 0, max: MAX_PASSWORD_CHARACTERS })
  @Field()
  newPassword: string;
}

@ArgsType()
export class RequestPasswordResetArgs {
  @IsEmailAddress()
  @Field()
  email: string;
}

@ArgsType()
export class DeleteAccountArgs {
  @IsOptional()
  @IsPassword({ min: 0, max: MAX_PASSWORD_CHARACTERS })
  @Field(() => String, { nullable: true })
  password: string | null;
}

@ArgsType()
export class SessionArgs {
  @IsId()
  @Field(() => ID)
  sessionId: string;
}
