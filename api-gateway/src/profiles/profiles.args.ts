import { IsId, IsName, IsText } from '@chat/shared/http';
import { ArgsType, Field, ID, Int } from '@nestjs/graphql';
import { ArrayMaxSize, IsBoolean, IsInt, IsISO8601, IsOptional, IsUrl, Matches, Max, MaxLength, Min, ValidateIf } from 'class-validator';

@ArgsType()
export class ProfileArgs {
  @IsOptional()
  @IsId()
  @Field(() => String, { nullable: true })
  userId?: string | null;
}

@ArgsType()
export class ProfilesArgs {
  @ArrayMaxSize(100)
  @IsId({ each: true })
  @Field(() => [String])
  userIds: string[];
}

@ArgsType()
export class ProfileChangesArgs {
  @ArrayMaxSize(500)
  @IsId({ each: true })
  @Field(() => [String])
  userIds: string[];
}

@ArgsType()
export class SearchUsersArgs {
  @IsText({ min: 1, max: 100 })
  @Field({ description: '1 to 100 characters, one of them visible. Every character counts as itself: there are no wildcards.' })
  query: string;

  @IsInt()
  @Min(1)
  @Max(50)
  @Field(() => Int, { defaultValue: 20, description: 'At most 50.' })
  limit: number;
}

@ArgsType()
export class ProfileImageArgs {
  @IsId()
  @Field(() => ID, { description: 'A completed upload for this purpose.' })
  mediaId: string;
}

/** Null and the empty string remove a value, so only other values are validated. */
const IfNotEmpty = (field: string) => ValidateIf((args: Record<string, unknown>) => !!args[field]);

@ArgsType()
export class UpdateProfileArgs {
  @IfNotEmpty('firstName')
  @IsName({ max: 100, allowEmpty: true })
  @Field(() => String, { nullable: true })
  firstName?: string | null;

  @IfNotEmpty('lastName')
  @IsName({ max: 100, allowEmpty: true })
  @Field(() => String, { nullable: true })
  lastName?: string | null;

  @IfNotEmpty('bio')
  @IsText({ max: 1000 })
  @Field(() => String, { nullable: true })
  bio?: string | null;

  @IfNotEmpty('location')
  @IsText({ max: 100 })
  @Field(() => String, { nullable: true })
  location?: string | null;

  @IfNotEmpty('website')
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false }, { message: 'website must be an http(s) URL' })
  @MaxLength(200)
  @Field(() => String, { nullable: true })
  website?: string | null;

  @IfNotEmpty('phoneNumber')
  @Matches(/^[0-9+() ./-]{1,32}$/, { message: 'phoneNumber must be a telephone number' })
  @Field(() => String, { nullable: true })
  phoneNumber?: string | null;

  @IfNotEmpty('birthDate')
  @IsISO8601({ strict: true })
  @Matches(/^\d{4}-\d\d-\d\d$/, { message: 'birthDate must be an ISO 8601 date' })
  @Field(() => String, { nullable: true })
  birthDate?: string | null;

  @ValidateIf((args: UpdateProfileArgs) => args.isPublic !== undefined)
  @IsBoolean()
  @Field(() => Boolean, { nullable: true })
  isPublic?: boolean;
}
