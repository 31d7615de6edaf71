import { IsId, IsName, IsText } from '@chat/shared/http';
import type { MediaAsset, Profile, SearchProfilesRequest, SetProfileImageRequest, UpdateProfileRequest } from '@chat/shared/contracts';
import { MediaAssetDto } from '@chat/shared/uploads';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsInt, IsOptional, Max, Min, ValidateBy, ValidateIf } from 'class-validator';
import { isBirthDate, isPhoneNumber, isWebsite } from './profile-fields.js';

/** All members of a group. */
const MAX_IDS = 1000;

/** Skips the validation of a missing field (no change), and of null or an empty string (both clear the field). */
const UnlessCleared = () => ValidateIf((_, value) => value !== undefined && value !== null && value !== '');

/** One rule of `profile-fields.ts` as a decorator. */
function Is(name: string, validate: (value: unknown) => boolean, message: string) {
  return ValidateBy({ name, validator: { validate, defaultMessage: (args) => `${args?.property ?? name} ${message}` } });
}

export class UpdateProfileDto implements UpdateProfileRequest {
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 100, description: 'Null or an empty string clears it.' })
  @UnlessCleared()
  @IsName({ max: 100 })
  firstName?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 100 })
  @UnlessCleared()
  @IsName({ max: 100 })
  lastName?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 1000 })
  @UnlessCleared()
  @IsText({ max: 1000 })
  bio?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 100 })
  @UnlessCleared()
  @IsName({ max: 100 })
  location?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 200, format: 'uri' })
  @UnlessCleared()
  @Is('isWebsite', isWebsite, 'must be an http or https address of at most 200 characters')
  website?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 32, description: 'Visible to the owner only.' })
  @UnlessCleared()
  @Is('isPhoneNumber', isPhoneNumber, 'must be a phone number of at most 32 characters')
  phoneNumber?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, format: 'date', description: 'Visible to the owner only.' })
  @UnlessCleared()
  @Is('isBirthDate', (value) => isBirthDate(value), 'must be a day as YYYY-MM-DD, not in the future')
  birthDate?: string | null;

  @ApiPropertyOptional({ type: Boolean, description: 'Cannot be cleared.' })
  @ValidateIf((_, value) => value !== undefined)
  @IsBoolean()
  isPublic?: boolean;
}

export class SetProfileImageDto implements SetProfileImageRequest {
  @ApiProperty({ format: 'uuid', description: 'A completed upload for this purpose' })
  @IsId()
  mediaId: string;
}

export class BulkProfilesDto {
  @ApiProperty({ type: [String], maxItems: MAX_IDS })
  @IsArray()
  @ArrayMaxSize(MAX_IDS)
  @IsId({ each: true })
  userIds: string[];
}

export class SearchProfilesDto implements SearchProfilesRequest {
  @ApiProperty({ minLength: 1, maxLength: 100, description: 'The beginning of a name, with at least one visible character' })
  @IsText({ min: 1, max: 100 })
  query: string;

  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 50, default: 20 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(50)
  limit: number = 20;
}

/** The response of every route: the contract's `Profile`. */
export class ProfileDto implements Profile {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  userId: string;

  @ApiProperty()
  username: string;

  @ApiProperty({ type: String, nullable: true })
  firstName: string | null;

  @ApiProperty({ type: String, nullable: true })
  lastName: string | null;

  @ApiProperty({ type: String, nullable: true })
  bio: string | null;

  @ApiProperty({ type: String, nullable: true })
  location: string | null;

  @ApiProperty({ type: String, nullable: true })
  website: string | null;

  @ApiProperty({ type: MediaAssetDto, nullable: true })
  profilePicture: MediaAsset | null;

  @ApiProperty({ type: MediaAssetDto, nullable: true })
  coverImage: MediaAsset | null;

  @ApiProperty({ type: String, nullable: true, description: 'Null unless the current user is the owner.' })
  phoneNumber: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date', description: 'Null unless the current user is the owner.' })
  birthDate: string | null;

  @ApiProperty()
  isPublic: boolean;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}
