import type { FeedMessage } from '@chat/shared/contracts';

export const MAX_PREVIEW_CHARACTERS = 140;

const KINDS: Record<string, string> = {
  IMAGE: 'Photo',
  VIDEO: 'Video',
  AUDIO: 'Audio',
  VOICE_MESSAGE: 'Voice message',
  DOCUMENT: 'Document',
};

/** The text of a notification about a message; of one that has only attachments, the kind of the first. */
export function previewOfMessage({ content, attachments: [first] = [] }: Pick<FeedMessage, 'content' | 'attachments'>): string {
  if (content !== '' || !first) return previewOf(content);
  return KINDS[first.kind] ?? 'File';
}

/** The beginning of a text, at most 140 code points; if it was cut, the last of them is `…`. */
export function previewOf(content: string): string {
  // PostgreSQL cannot store a NUL as text.
  const text = content.includes('\0') ? content.replaceAll('\0', '') : content;
  // A code point has one or two UTF-16 units: a text this short needs no counting, and of a longer one only the beginning is counted.
  if (text.length <= MAX_PREVIEW_CHARACTERS) return text;
  const characters = Array.from(text.slice(0, 2 * (MAX_PREVIEW_CHARACTERS + 1)));
  if (characters.length <= MAX_PREVIEW_CHARACTERS) return text;
  return `${characters.slice(0, MAX_PREVIEW_CHARACTERS - 1).join('')}…`;
}
