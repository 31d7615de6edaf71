export const MAX_PREVIEW_CHARACTERS = 140;

/** The beginning of a message, at most 140 code points; where it was cut, the last of them is `…`. */
export function previewOf(content: string): string {
  // A NUL cannot be stored as text.
  const text = content.includes('\0') ? content.replaceAll('\0', '') : content;
  // A code point has one or two units: text this short needs no counting, and no more than this is looked at.
  if (text.length <= MAX_PREVIEW_CHARACTERS) return text;
  const characters = Array.from(text.slice(0, 2 * (MAX_PREVIEW_CHARACTERS + 1)));
  if (characters.length <= MAX_PREVIEW_CHARACTERS) return text;
  return `${characters.slice(0, MAX_PREVIEW_CHARACTERS - 1).join('')}…`;
}
