import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Matches, Max, MaxLength, Min, ValidateBy } from 'class-validator';
import {
  type CreateUploadRequest,
  MEDIA_KINDS,
  type MediaKind,
  UPLOAD_PURPOSES,
  type UploadPurpose,
  type UploadTicket,
} from '../contracts/index.js';
import { isFileName, type SignedQuery } from '../media/index.js';

const MAX_BYTES = 2 ** 31 - 1;

/** A file name of at most 100 characters that is no path. */
export function IsFileName(): PropertyDecorator {
  const message = 'fileName must have 1 to 100 characters, and no slash, backslash, control character or leading or trailing space';
  return ValidateBy({ name: 'isFileName', validator: { validate: isFileName, defaultMessage: () => message } });
}

export class CreateUploadDto implements CreateUploadRequest {
  @ApiProperty({ enum: UPLOAD_PURPOSES })
  @IsIn(UPLOAD_PURPOSES)
  purpose: UploadPurpose;

  @ApiProperty({ enum: MEDIA_KINDS })
  @IsIn(MEDIA_KINDS)
  kind: MediaKind;

  @ApiProperty({ maxLength: 100 })
  @IsFileName()
  fileName: string;

  @ApiProperty({ maxLength: 100, example: 'image/jpeg' })
  @IsString()
  @MaxLength(100)
  mimeType: string;

  @ApiProperty({ minimum: 1, description: 'The exact size of the file' })
  @IsInt()
  @Min(1)
  @Max(MAX_BYTES)
  sizeBytes: number;
}

/** The parameters of a signed URL. */
export class SignedQueryDto implements SignedQuery {
  @ApiProperty({ description: 'Unix time in seconds' })
  @IsString()
  @Matches(/^\d{1,12}$/)
  expires: string;

  @ApiProperty()
  @IsString()
  @Matches(/^[\w-]{43}$/)
  signature: string;
}

export class UploadTicketDto implements UploadTicket {
  @ApiProperty({ format: 'uuid' })
  uploadId: string;

  @ApiProperty({ format: 'uri' })
  url: string;

  @ApiProperty({
    enum: ['PUT', 'POST'],
    description: 'PUT: the file is the body. POST: the file is the multipart field `file`, after `fields`',
  })
  method: 'PUT' | 'POST';

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  headers: Record<string, string>;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  fields: Record<string, string>;

  @ApiProperty({ format: 'date-time' })
  expiresAt: string;
}
