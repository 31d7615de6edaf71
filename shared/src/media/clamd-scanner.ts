import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { TimeoutError } from '../async/index.js';
import { AppError } from '../errors/index.js';

/** The part of a file that is sent at a time; clamd accepts any length. */
const CHUNK_BYTES = 64 * 1024;
const MAX_REPLY_BYTES = 4096;

/** Where clamd listens: `tcp://host:port` or `unix:/path/of/the/socket`; null for any other text. */
export function clamdAddress(text: string): NetConnectOpts | null {
  const path = /^unix:(\/.+)$/.exec(text)?.[1];
  if (path !== undefined) return { path };
  const [, host, port = ''] = /^tcp:\/\/(\[[0-9a-f:.]+\]|[^:/?#@\s]+):(\d{1,5})$/i.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return null;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/**
 * Asks clamd (ClamAV, or another server of its protocol) whether a file contains malware, by INSTREAM: the command, the file in parts with their length
 * before them, a length of 0. A connection for each file; the file is read as fast as clamd takes it. It has no retries.
 */
export class ClamdScanner {
  constructor(private readonly address: NetConnectOpts) {}

  /**
   * The name of what was found, or null. Ends the stream. Rejects with `file-scan/unavailable` if clamd gives no verdict until the signal is aborted,
   * also for a file above its StreamMaxLength; with the error of the stream if that fails.
   */
  async scan(content: Readable, signal: AbortSignal): Promise<string | null> {
    const socket = connect(this.address);
    const onAbort = () => socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('the scan was given up'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    const reply = replyOf(socket);
    const sending = send(socket, content);
    sending.catch(() => undefined);
    try {
      // clamd may answer before it has the whole file, and closes the connection then.
      await Promise.race([reply, sending]);
      return verdictIn(await reply);
    } catch (error) {
      throw error instanceof AppError ? error : scannerUnavailable(error);
    } finally {
      signal.removeEventListener('abort', onAbort);
      content.destroy();
      socket.destroy();
    }
  }
}

async function send(socket: Socket, content: Readable): Promise<void> {
  await write(socket, Buffer.from('zINSTREAM\0'));
  for await (const part of content as AsyncIterable<Buffer>)
    for (let start = 0; start < part.length; start += CHUNK_BYTES) {
      const chunk = part.subarray(start, start + CHUNK_BYTES);
      socket.write(lengthOf(chunk.length));
      await write(socket, chunk);
    }
  await write(socket, lengthOf(0));
}

async function write(socket: Socket, bytes: Buffer): Promise<void> {
  if (!socket.write(bytes)) await once(socket, 'drain');
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}

/** The text until its NUL, or until the connection is closed. */
async function replyOf(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  promise.catch(() => undefined);
  let text = '';
  socket.on('data', (part) => {
    text += part.toString('latin1');
    if (text.includes('\0') || text.length > MAX_REPLY_BYTES) resolve(text);
  });
  socket.on('error', (error) => (text === '' ? reject(error) : resolve(text)));
  socket.on('close', () => (text === '' ? reject(new Error('clamd closed the connection without a verdict')) : resolve(text)));
  return promise;
}

function verdictIn(reply: string): string | null {
  const text = reply.replace(/\0[^]*$/, '').trim();
  if (text === 'stream: OK') return null;
  const found = /^stream: (.+) FOUND$/.exec(text)?.[1];
  if (found !== undefined) return found;
  throw new Error(`clamd answered: ${text.slice(0, 200)}`);
}

function scannerUnavailable(cause: unknown): AppError {
  const message = 'Files cannot be checked for malware right now. Try again in a moment.';
  return new AppError('unavailable', cause instanceof TimeoutError ? 'file-scan/too-slow' : 'file-scan/unavailable', message, { cause });
}
