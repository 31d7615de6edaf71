import type { Socket } from 'node:net';

/** 1 MiB: more than any request or response needs, and a limit for what a faulty peer can make this process keep in memory. */
export const MAX_LINE_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

export function fitsInLine(line: string): boolean {
  return line.length * 3 <= MAX_LINE_BYTES || Buffer.byteLength(line) <= MAX_LINE_BYTES;
}

/** Splits a stream of bytes into lines. */
export class LineReader {
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(
    private readonly onLine: (line: string) => void,
    private readonly maxLineBytes = MAX_LINE_BYTES,
  ) {}

  /** Returns false when a line is longer than allowed: no later line can be read either. */
  push(chunk: Buffer): boolean {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      if (this.#restBytes + end - start > this.maxLineBytes) return false;
      if (this.#restBytes > 0) {
        this.#rest.push(chunk.subarray(start, end));
        const line = Buffer.concat(this.#rest).toString('utf8');
        this.#rest = [];
        this.#restBytes = 0;
        this.onLine(line);
      } else {
        this.onLine(chunk.toString('utf8', start, end));
      }
      start = end + 1;
    }
    if (start < chunk.length) {
      this.#rest.push(chunk.subarray(start));
      this.#restBytes += chunk.length - start;
    }
    return this.#restBytes <= this.maxLineBytes;
  }
}

/** Puts all lines of one tick of the event loop into one write: under load, most of the cost of a line is its system call. */
export class LineWriter {
  #lines = '';
  #scheduled = false;

  constructor(private readonly socket: Socket) {}

  write(line: string): void {
    this.#lines += line + '\n';
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#lines === '') return;
    const text = this.#lines;
    this.#lines = '';
    if (this.socket.writable) this.socket.write(text);
  }
}
