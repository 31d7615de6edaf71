import { MEDIA_KINDS, type MediaKind, type UploadPurpose } from '../contracts/index.js';

/** The kinds of files that may be uploaded for a purpose. */
export const PURPOSE_KINDS: Record<UploadPurpose, readonly MediaKind[]> = {
  MESSAGE_ATTACHMENT: MEDIA_KINDS,
  PROFILE_PICTURE: ['IMAGE'],
  COVER_IMAGE: ['IMAGE'],
  GROUP_PICTURE: ['IMAGE'],
};
