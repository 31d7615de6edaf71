import type { MediaKind, UploadPurpose } from '../contracts/index.js';
import { storageKey, type StoredFile, THUMBNAIL_SIZES, type ThumbnailSize } from '../media/index.js';

/** A row of `uploads`. */
export interface Upload {
  id: string;
  ownerId: string;
  purpose: UploadPurpose;
  kind: MediaKind;
  fileName: string;
  mimeType: string;
  sizeBytes: number;
  state: 'open' | 'ready' | 'attached';
  createdAt: Date;
  expiresAt: Date;
  completedAt: Date | null;
  width: number | null;
  height: number | null;
  durationSeconds: number | null;
  /** Of a voice message: 64 integers from 0 to 100. */
  waveform: number[] | null;
}

/** The columns of a row, for the select list or `returning`. pg gives a bigint as text. */
export const UPLOAD_COLUMNS = `id, owner_id as "ownerId", purpose, kind, file_name as "fileName", mime_type as "mimeType",
  size_bytes::float8 as "sizeBytes", state, created_at as "createdAt", expires_at as "expiresAt", completed_at as "completedAt",
  width, height, duration_seconds as "durationSeconds", waveform`;

/** A file that clients may read: the one that was uploaded, after its check, or a thumbnail of it. */
export type Variant = 'original' | ThumbnailSize;
export const THUMBNAILS = Object.keys(THUMBNAIL_SIZES) as ThumbnailSize[];

type Identity = Pick<Upload, 'id' | 'ownerId' | 'kind'>;

/** What the client sent, before its check. Never delivered. */
export function receivedFile(folder: string, { id, ownerId, kind }: Identity): StoredFile {
  return { key: storageKey(folder, ownerId, id, 'received'), kind };
}

export function variantFile(folder: string, { id, ownerId, kind }: Identity, variant: Variant): StoredFile {
  return { key: storageKey(folder, ownerId, id, variant), kind };
}

/** All files that the check of the upload may have stored. */
export function checkedFilesOf(folder: string, upload: Identity): StoredFile[] {
  const variants: Variant[] = ['original', ...(upload.kind === 'IMAGE' ? THUMBNAILS : [])];
  return variants.map((variant) => variantFile(folder, upload, variant));
}

/** All files that the upload may have in the storage. */
export function filesOf(folder: string, upload: Identity): StoredFile[] {
  return [receivedFile(folder, upload), ...checkedFilesOf(folder, upload)];
}
