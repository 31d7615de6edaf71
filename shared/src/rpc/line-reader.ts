/** 1 MiB: more than any call needs, and a bound on what a broken peer can make us keep. */
export const MAX_LINE_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** Cuts a stream of bytes into lines. */
export class LineReader {
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(
    private readonly onLine: (line: string) => void,
    private readonly maxLineBytes = MAX_LINE_BYTES,
  ) {}

  /** False when a line is longer than allowed: the connection is of no use any more. */
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
