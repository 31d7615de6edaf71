import { ArgsType, Field, ID, ObjectType } from '@nestjs/graphql';
import { IsId, IsText } from '@chat/shared/http';
import { ArrayMaxSize, IsBoolean, IsISO8601, IsOptional, IsUrl, Matches, MaxLength, ValidateIf } from 'class-validator';
import { DateTime } from '../graphql/date-time.scalar.js';

@ObjectType()
export class ProfileType {
  @Field(() => ID)
  id: string;

  @Field()
  userId: string;

  @Field()
  username: string;

  @Field(() => String, { nullable: true })
  firstName: string | null;

  @Field(() => String, { nullable: true })
  lastName: string | null;

  @Field(() => String, { nullable: true })
  bio: string | null;

  @Field(() => String, { nullable: true })
  location: string | null;

  @Field(() => String, { nullable: true })
  website: string | null;

  @Field(() => String, { nullable: true, description: 'Only for the owner.' })
  phoneNumber: string | null;

  @Field(() => String, { nullable: true, description: 'Only for the owner. ISO 8601 date.' })
  birthDate: string | null;

  @Field()
  isPublic: boolean;

  @Field(() => DateTime)
  createdAt: string;

  @Field(() => DateTime)
  updatedAt: string;
}

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

/** Null and the empty string clear a field, so only other values are looked at. */
const IfGiven = (field: string) => ValidateIf((args: Record<string, unknown>) => !!args[field]);

@ArgsType()
export class UpdateProfileArgs {
  @IfGiven('firstName')
  @IsText({ max: 100 })
  @Field(() => String, { nullable: true })
  firstName?: string | null;

  @IfGiven('lastName')
  @IsText({ max: 100 })
  @Field(() => String, { nullable: true })
  lastName?: string | null;

  @IfGiven('bio')
  @IsText({ max: 1000 })
  @Field(() => String, { nullable: true })
  bio?: string | null;

  @IfGiven('location')
  @IsText({ max: 100 })
  @Field(() => String, { nullable: true })
  location?: string | null;

  @IfGiven('website')
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false }, { message: 'website must be an http(s) URL' })
  @MaxLength(200)
  @Field(() => String, { nullable: true })
  website?: string | null;

  @IfGiven('phoneNumber')
  @Matches(/^[0-9+() ./-]{1,32}$/, { message: 'phoneNumber must be a telephone number' })
  @Field(() => String, { nullable: true })
  phoneNumber?: string | null;

  @IfGiven('birthDate')
  @IsISO8601({ strict: true })
  @Matches(/^\d{4}-\d\d-\d\d$/, { message: 'birthDate must be an ISO 8601 date' })
  @Field(() => String, { nullable: true })
  birthDate?: string | null;

  @ValidateIf((args: UpdateProfileArgs) => args.isPublic !== undefined)
  @IsBoolean()
  @Field(() => Boolean, { nullable: true })
  isPublic?: boolean;
}
