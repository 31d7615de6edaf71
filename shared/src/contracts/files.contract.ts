/** The kinds of files. */
export const MEDIA_KINDS = ['IMAGE', 'VIDEO', 'AUDIO', 'VOICE_MESSAGE', 'DOCUMENT'] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];
