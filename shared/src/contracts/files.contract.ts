/** The kinds of files. */
export const MEDIA_KINDS = ['IMAGE', 'VIDEO', 'AUDIO', 'VOICE_MESSAGE', 'DOCUMENT'] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];

/** What a file is for. Each purpose belongs to one service. */
export const UPLOAD_PURPOSES = ['MESSAGE_ATTACHMENT', 'PROFILE_PICTURE', 'COVER_IMAGE', 'GROUP_PICTURE'] as const;
export type UploadPurpose = (typeof UPLOAD_PURPOSES)[number];

/** `POST /files/uploads` */
export interface CreateUploadRequest {
  purpose: UploadPurpose;
  kind: MediaKind;
  /** 1 to 100 characters, with an extension of the type. */
  fileName: string;
  mimeType: string;
  sizeBytes: number;
}

/** How a client sends the file: by PUT as the body, with `headers`; by POST as the multipart field `file`, after `fields`. */
export interface UploadTicket {
  uploadId: string;
  url: string;
  method: 'PUT' | 'POST';
  headers: Record<string, string>;
  fields: Record<string, string>;
  expiresAt: string;
}

/** A file as events and tables describe it: without URLs, as these expire. */
export interface FileDescription {
  id: string;
  kind: MediaKind;
  fileName: string;
  mimeType: string;
  sizeBytes: number;
  /** In pixels. */
  width: number | null;
  height: number | null;
  durationSeconds: number | null;
  /** As that of MediaAsset; not there in a row of the build before. */
  waveform?: number[] | null;
  createdAt: string;
}

/** A file that clients can read. */
export interface MediaAsset {
  id: string;
  publicId: string;
  /** Signed, valid for 10 minutes. Of a file of a conversation, as chat-service gives it: not signed, for a request with a token of a member. */
  url: string;
  type: MediaKind;
  fileName: string;
  mimeType: string;
  sizeBytes: number;
  width: number | null;
  height: number | null;
  durationSeconds: number | null;
  /** Of a voice message whose codec is decoded: the loudness of 64 parts of equal length, integers from 0 to 100, of which the loudest is 100. */
  waveform: number[] | null;
  /** As `url`; null if there is no thumbnail. */
  thumbnailUrl: string | null;
  createdAt: string;
}
