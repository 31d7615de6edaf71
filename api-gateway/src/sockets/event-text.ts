import type { ExecutionResult } from 'graphql';
import { type MissingUrl, splitAtUrls } from '../files/file-url-placeholders.js';
import { CURSOR_PLACEHOLDER } from '../streams/stream-item.js';

const PLACEHOLDER = JSON.stringify(CURSOR_PLACEHOLDER);

/** The result for one event as JSON. It is written once, for all sockets that share it: they differ in the cursor and in URLs of files only. */
export class EventText {
  /** What is between the URLs, and of each what is between the cursors; mostly there is no URL and one cursor. */
  private readonly parts: string[][];
  private readonly urls: MissingUrl[];

  /** The characters that are kept. */
  readonly length: number;

  constructor(result: ExecutionResult) {
    const json = JSON.stringify(result);
    this.length = json.length;
    const { texts, urls } = splitAtUrls(json);
    this.parts = texts.map((text) => text.split(PLACEHOLDER));
    this.urls = urls;
  }

  /** The text for a socket. A cursor is base64url, in which nothing needs escaping, and neither does anything in a URL. */
  with(cursor: string | null, urlOf: (url: MissingUrl) => string): string {
    let text = joined(this.parts[0]!, cursor);
    if (this.urls.length === 0) return text;
    for (const [n, url] of this.urls.entries()) text += urlOf(url) + joined(this.parts[n + 1]!, cursor);
    return text;
  }
}

function joined(parts: string[], cursor: string | null): string {
  return parts.length === 1 ? parts[0]! : parts.join(`"${cursor}"`);
}
