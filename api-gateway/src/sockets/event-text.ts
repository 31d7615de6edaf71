import type { ExecutionResult } from 'graphql';
import { CURSOR_PLACEHOLDER } from '../streams/stream-item.js';

const PLACEHOLDER = JSON.stringify(CURSOR_PLACEHOLDER);

/** The result for one event as JSON. It is written once, for all sockets that share it: they differ in the cursor only. */
export class EventText {
  /** What is between the cursors; mostly there is one. */
  private readonly parts: string[];

  /** The characters that are kept. */
  readonly length: number;

  constructor(result: ExecutionResult) {
    const text = JSON.stringify(result);
    this.length = text.length;
    this.parts = text.split(PLACEHOLDER);
  }

  /** The text for a socket. A cursor is base64url, in which nothing needs escaping. */
  with(cursor: string | null): string {
    return this.parts.length === 1 ? this.parts[0]! : this.parts.join(`"${cursor}"`);
  }
}
