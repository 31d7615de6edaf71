import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const LAST_FRAGMENT = 0x80;
const MASKED = 0x80;
/** Reads happen one after the other, and what a read has brought is handled before the next one: all sockets share one buffer. */
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);

export interface FrameHandlers {
  onOpen(): void;
  /** The bytes of a text frame; they are overwritten after the call. */
  onText(text: Buffer): void;
  /** Called once, unless this side has closed it. */
  onEnd(reason: string): void;
}

/**
 * A WebSocket client for thousands of frames a second, which costs a fraction of a general one: it expects what the gateway sends, frames without fragments or
 * extensions, copies nothing and decodes no text.
 */
export class FrameSocket {
  readonly #socket: Socket;
  readonly #handlers: FrameHandlers;
  #isOpen = false;
  #hasEnded = false;
  /** The beginning of a frame (or of the HTTP answer) that has not arrived as a whole. */
  #rest: Buffer | null = null;

  constructor(url: string, protocol: string, handlers: FrameHandlers) {
    const { hostname, port, pathname } = new URL(url);
    this.#handlers = handlers;
    const callback = (length: number) => {
      this.#read(READ_BUFFER.subarray(0, length));
      return true;
    };
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true, onread: { buffer: READ_BUFFER, callback } });
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('close', () => this.#end('closed without a close frame'));
    const headers = [`host: ${hostname}:${port}`, 'connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'];
    headers.push(`sec-websocket-key: ${randomBytes(16).toString('base64')}`, `sec-websocket-protocol: ${protocol}`);
    this.#socket.write(`GET ${pathname} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  }

  send(text: string): void {
    this.#write(TEXT, Buffer.from(text));
  }

  close(): void {
    this.#hasEnded = true;
    this.#socket.destroy();
  }

  #read(arrived: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, arrived]) : arrived;
    let at = this.#isOpen ? 0 : this.#readAnswer(bytes);
    while (this.#isOpen && bytes.length - at >= 2) {
      const [start, end] = payloadOf(bytes, at);
      if (end > bytes.length) break;
      this.#handle(bytes[at]!, bytes.subarray(start, end));
      at = end;
    }
    this.#rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : null;
  }

  /** Where the frames begin, after the answer to the upgrade; 0 as long as it is not complete. */
  #readAnswer(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return 0;
    const [status] = bytes.toString('latin1', 0, end).split('\r\n', 1);
    if (!status!.startsWith('HTTP/1.1 101 ')) {
      this.#end(status!);
      return bytes.length;
    }
    this.#isOpen = true;
    this.#handlers.onOpen();
    return end + 4;
  }

  #handle(first: number, payload: Buffer): void {
    if (first === (LAST_FRAGMENT | TEXT)) this.#handlers.onText(payload);
    else if (first === (LAST_FRAGMENT | PING)) this.#write(PONG, payload);
    else if (first === (LAST_FRAGMENT | CLOSE)) this.#end(`closed with ${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`);
    else if (first !== (LAST_FRAGMENT | PONG)) this.#end(`a frame begins with ${first}`);
  }

  /** A mask of zeros leaves the payload as it is. */
  #write(opcode: number, payload: Buffer): void {
    const isShort = payload.length < 126;
    const header = Buffer.alloc(isShort ? 6 : 8);
    header[0] = LAST_FRAGMENT | opcode;
    header[1] = MASKED | (isShort ? payload.length : 126);
    if (!isShort) header.writeUInt16BE(payload.length, 2);
    this.#socket.write(Buffer.concat([header, payload]));
  }

  #end(reason: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#socket.destroy();
    this.#handlers.onEnd(reason);
  }
}

/** Where the payload of the frame at this index begins and ends; the end is beyond the bytes if they are not the whole frame. */
function payloadOf(bytes: Buffer, at: number): [start: number, end: number] {
  const short = bytes[at + 1]!;
  if (short < 126) return [at + 2, at + 2 + short];
  const start = at + (short === 126 ? 4 : 10);
  if (start > bytes.length) return [start, Infinity];
  return [start, start + (short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2)))];
}
