import { MEDIA_KINDS, UPLOAD_PURPOSES, type FileDescription, type MediaKind, type UploadPurpose } from '@chat/shared/contracts';
import { Field, Float, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { DateTime } from '../graphql/date-time.scalar.js';
import { Json } from '../graphql/json.scalar.js';

const enumOf = <T extends string>(values: readonly T[]) => Object.fromEntries(values.map((value) => [value, value])) as { [K in T]: K };
export const MediaKindEnum = enumOf(MEDIA_KINDS);
export const UploadPurposeEnum = enumOf(UPLOAD_PURPOSES);
registerEnumType(MediaKindEnum, { name: 'MediaKind', description: 'The kind of a file.' });
registerEnumType(UploadPurposeEnum, { name: 'UploadPurpose', description: 'What a file is for.' });
export type { MediaKind, UploadPurpose };

@ObjectType({
  description:
    'Send the file to `url` with `method`. If `method` is PUT, send it as the body, with `headers`. If `method` is POST, send it as the multipart field `file`, after `fields`.',
})
export class UploadTicket {
  @Field(() => ID)
  uploadId: string;

  @Field()
  url: string;

  @Field()
  method: string;

  @Field(() => Json)
  headers: Record<string, string>;

  @Field(() => Json)
  fields: Record<string, string>;

  @Field(() => DateTime, { description: 'Until then, the file may be sent, also again after a transfer that failed.' })
  expiresAt: string;
}

@ObjectType({ description: 'A file that was checked.' })
export class MediaAssetType {
  @Field(() => ID)
  id: string;

  @Field()
  publicId: string;

  @Field({
    description:
      'Signed, valid for 10 minutes: ask for the asset again when it has expired. Of a file of a conversation, for the current user only, and as long as the user may see it.',
  })
  url: string;

  @Field(() => MediaKindEnum)
  type: MediaKind;

  @Field()
  fileName: string;

  @Field()
  mimeType: string;

  @Field(() => Int)
  sizeBytes: number;

  @Field(() => Int, { nullable: true })
  width: number | null;

  @Field(() => Int, { nullable: true })
  height: number | null;

  @Field(() => Float, { nullable: true })
  durationSeconds: number | null;

  @Field(() => [Int], {
    nullable: true,
    description:
      'Of a voice message: the loudness of 64 parts of equal length, from 0 to 100. Null for a codec that is not decoded, such as AAC.',
  })
  waveform?: number[] | null;

  @Field(() => String, { nullable: true, description: 'Of an image: at most 320 pixels wide and high, as WebP. Valid as long as `url`.' })
  thumbnailUrl: string | null;

  @Field(() => DateTime)
  createdAt: string;

  /** True for a file of a conversation: its URLs are made when they are selected, for the current user. */
  isForMembers?: boolean;
}

/** A file of a conversation. */
export function toAsset({ kind, ...file }: FileDescription): MediaAssetType {
  return { ...file, type: kind as MediaKind, publicId: `chat/${file.id}`, url: '', thumbnailUrl: null, isForMembers: true };
}
