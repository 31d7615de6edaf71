import { addAbortSignal, type Readable } from 'node:stream';
import { Agent } from 'undici';
import type { ByteRange } from './media-storage.js';
import { withRetries } from './retry.js';
import { fileNotFound, storageFault } from './storage.errors.js';

const CONNECT_TIMEOUT_MS = 2000;
/** Until the first byte of the answer. */
const ANSWER_TIMEOUT_MS = 10_000;
/** The longest pause in the body of an answer. */
const PAUSE_TIMEOUT_MS = 30_000;
const CONNECTIONS = 64;

/** Reads files at a provider from URLs that it has signed. Attempts that fail before the first byte are repeated; a body that breaks off is an error of the stream. */
export class SignedUrlReader {
  readonly #agent = new Agent({
    connections: CONNECTIONS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: PAUSE_TIMEOUT_MS,
  });

  /** `sign` makes the URL of each attempt. */
  async read(sign: () => Promise<string> | string, range?: ByteRange): Promise<Readable> {
    try {
      return await withRetries(ANSWER_TIMEOUT_MS, async (signal) => this.#open(new URL(await sign()), signal, range));
    } catch (error) {
      throw storageFault(error);
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #open(url: URL, signal: AbortSignal, range?: ByteRange): Promise<Readable> {
    const headers = range ? { range: `bytes=${range.start}-${range.end}` } : {};
    const canceled = new AbortController();
    const giveUp = (): void => canceled.abort(signal.reason);
    signal.addEventListener('abort', giveUp);
    try {
      const options = { method: 'GET' as const, origin: url.origin, path: url.pathname + url.search, headers, signal: canceled.signal };
      const { statusCode, body } = await this.#agent.request(options);
      if (statusCode === (range ? 206 : 200)) return addAbortSignal(canceled.signal, body);
      // Not the text: it may repeat the signed URL.
      await body.dump();
      if (statusCode === 404) throw fileNotFound();
      throw storageFault(new Error(`the file storage answered ${statusCode}`));
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }
}
