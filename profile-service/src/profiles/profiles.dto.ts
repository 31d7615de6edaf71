import { IsId, IsText } from '@chat/shared/http';
import type { UpdateProfileRequest } from '@chat/shared/contracts';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, ValidateBy, ValidateIf } from 'class-validator';
import { isBirthDate, isPhoneNumber, isWebsite } from './profile-fields.js';

const MAX_IDS = 100;

/** Ids are compared and given back in lower case, however they were written. */
const inLowerCase = (id: unknown) => (typeof id === 'string' ? id.toLowerCase() : id);

/** Left out, null and the empty string need no further look: the first changes nothing, the others clear. */
const UnlessCleared = () => ValidateIf((_, value) => value !== undefined && value !== null && value !== '');

/** One rule of `profile-fields.ts` as a decorator. */
function Is(name: string, validate: (value: unknown) => boolean, complaint: string) {
  return ValidateBy({ name, validator: { validate, defaultMessage: (args) => `${args?.property ?? name} ${complaint}` } });
}

export class UpdateProfileDto implements UpdateProfileRequest {
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 100, description: 'Null or an empty string clears it.' })
  @UnlessCleared()
  @IsText({ max: 100 })
  firstName?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 100 })
  @UnlessCleared()
  @IsText({ max: 100 })
  lastName?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 1000 })
  @UnlessCleared()
  @IsText({ max: 1000 })
  bio?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 100 })
  @UnlessCleared()
  @IsText({ max: 100 })
  location?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 200, format: 'uri' })
  @UnlessCleared()
  @Is('isWebsite', isWebsite, 'must be an http or https address of at most 200 characters')
  website?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 32, description: 'Only its owner sees it.' })
  @UnlessCleared()
  @Is('isPhoneNumber', isPhoneNumber, 'must be a phone number of at most 32 characters')
  phoneNumber?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, format: 'date', description: 'Only its owner sees it.' })
  @UnlessCleared()
  @Is('isBirthDate', (value) => isBirthDate(value), 'must be a day as YYYY-MM-DD, not in the future')
  birthDate?: string | null;

  @ApiPropertyOptional({ type: Boolean, description: 'Cannot be cleared.' })
  @ValidateIf((_, value) => value !== undefined)
  @IsBoolean()
  isPublic?: boolean;
}

export class UserIdParams {
  @ApiProperty({ format: 'uuid' })
  @Transform(({ value }) => inLowerCase(value))
  @IsId()
  userId: string;
}

export class ProfilesOfDto {
  @ApiProperty({ type: [String], maxItems: MAX_IDS })
  @Transform(({ value }) => (Array.isArray(value) ? value.map(inLowerCase) : value))
  @IsArray()
  @ArrayMaxSize(MAX_IDS)
  @IsId({ each: true })
  userIds: string[];
}
