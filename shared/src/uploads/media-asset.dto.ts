import { ApiProperty } from '@nestjs/swagger';
import { type FileDescription, MEDIA_KINDS, type MediaAsset, type MediaKind } from '../contracts/index.js';

export class MediaAssetDto implements MediaAsset {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  publicId: string;

  @ApiProperty({ format: 'uri', description: 'Signed, valid for 10 minutes' })
  url: string;

  @ApiProperty({ enum: MEDIA_KINDS })
  type: MediaKind;

  @ApiProperty()
  fileName: string;

  @ApiProperty()
  mimeType: string;

  @ApiProperty()
  sizeBytes: number;

  @ApiProperty({ type: Number, nullable: true })
  width: number | null;

  @ApiProperty({ type: Number, nullable: true })
  height: number | null;

  @ApiProperty({ type: Number, nullable: true })
  durationSeconds: number | null;

  @ApiProperty({
    type: 'array',
    items: { type: 'integer' },
    nullable: true,
    description: 'Of a voice message: the loudness of 64 parts, 0 to 100',
  })
  waveform: number[] | null;

  @ApiProperty({ type: String, nullable: true, format: 'uri', description: 'Signed, valid for 10 minutes' })
  thumbnailUrl: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export class FileDescriptionDto implements FileDescription {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: MEDIA_KINDS })
  kind: MediaKind;

  @ApiProperty()
  fileName: string;

  @ApiProperty()
  mimeType: string;

  @ApiProperty({ type: 'integer' })
  sizeBytes: number;

  @ApiProperty({ type: 'integer', nullable: true, description: 'In pixels' })
  width: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  height: number | null;

  @ApiProperty({ type: Number, nullable: true })
  durationSeconds: number | null;

  @ApiProperty({ type: 'array', items: { type: 'integer' }, nullable: true, required: false, description: 'As that of MediaAsset' })
  waveform?: number[] | null;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}
