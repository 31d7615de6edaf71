import { type CreateUploadRequest, MEDIA_KINDS, type MediaKind, UPLOAD_PURPOSES, type UploadPurpose } from '@chat/shared/contracts';
import { IsId } from '@chat/shared/http';
import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, MaxLength, Min, MinLength, ValidateNested } from 'class-validator';
import { MediaKindEnum, UploadPurposeEnum } from './files.types.js';

@InputType()
export class CreateUploadInput implements CreateUploadRequest {
  @IsIn(UPLOAD_PURPOSES)
  @Field(() => UploadPurposeEnum)
  purpose: UploadPurpose;

  @IsIn(MEDIA_KINDS)
  @Field(() => MediaKindEnum)
  kind: MediaKind;

  @IsString()
  @MinLength(1)
  @MaxLength(100)
  @Field({ description: 'At most 100 characters, with an extension of the type, without a path.' })
  fileName: string;

  @IsString()
  @MinLength(1)
  @MaxLength(100)
  @Field({ description: 'Such as image/jpeg.' })
  mimeType: string;

  @IsInt()
  @Min(1)
  @Field(() => Int, { description: 'The exact size of the file.' })
  sizeBytes: number;
}

@ArgsType()
export class CreateUploadArgs {
  @ValidateNested()
  @Type(() => CreateUploadInput)
  @Field(() => CreateUploadInput)
  input: CreateUploadInput;
}

@ArgsType()
export class CompleteUploadArgs {
  @IsId()
  @Field(() => ID)
  uploadId: string;
}
