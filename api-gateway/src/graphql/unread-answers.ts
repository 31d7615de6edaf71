import type { ServerResponse } from 'node:http';

/** UTF-16 code units: two of the longest answers. */
const MAX_UNREAD_CHARACTERS = 16_000_000;
/** The operating system takes a shorter answer at once. */
const SHORT_ANSWER_CHARACTERS = 16_384;

/** The answers over HTTP that are being read: each is in memory until its client has read it, and a client can have any number of connections. */
export class UnreadAnswers {
  private readonly characters = new Map<string, number>();

  /** Counts an answer for this user, or this address, until the response has ended. False if too much is unread already. */
  add(source: string, length: number, response: ServerResponse): boolean {
    if (length <= SHORT_ANSWER_CHARACTERS || response.closed) return true;
    const unread = this.characters.get(source) ?? 0;
    if (unread + length > MAX_UNREAD_CHARACTERS) return false;
    this.characters.set(source, unread + length);
    response.once('close', () => this.remove(source, length));
    return true;
  }

  private remove(source: string, length: number): void {
    const unread = (this.characters.get(source) ?? 0) - length;
    if (unread > 0) this.characters.set(source, unread);
    else this.characters.delete(source);
  }
}
