import { randomUUID } from 'node:crypto';

/** Begins what takes the place of a URL in a result that sockets share. No client can know it, so no text contains it. */
const MARK = randomUUID();
const PLACEHOLDER = new RegExp(`${MARK}/([0-9a-f-]{36})/(\\w+)`);

/** A URL that is missing in a text. */
export interface MissingUrl {
  fileId: string;
  variant: string;
}

/** Stands for the URL of a file, which is another one for each user. */
export function urlPlaceholder({ fileId, variant }: MissingUrl): string {
  return `${MARK}/${fileId}/${variant}`;
}

/** The texts around the placeholders, one more than there are URLs. */
export function splitAtUrls(text: string): { texts: string[]; urls: MissingUrl[] } {
  if (!text.includes(MARK)) return { texts: [text], urls: [] };
  const texts: string[] = [];
  const urls: MissingUrl[] = [];
  const pieces = text.split(PLACEHOLDER);
  for (let n = 0; n < pieces.length; n += 3) {
    texts.push(pieces[n]!);
    if (n + 2 < pieces.length) urls.push({ fileId: pieces[n + 1]!, variant: pieces[n + 2]! });
  }
  return { texts, urls };
}
