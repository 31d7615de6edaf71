import type { Socket } from 'node:net';
import { LineReader, LineWriter, MAX_LINE_BYTES } from './json-lines.js';
import { encodeResponse, GOAWAY_ID, type RpcResponse } from './rpc-protocol.js';

/** The longest time for which the server waits for the end of a client that was sent GOAWAY. */
export const GOAWAY_MS = 1000;
/** The time in which what is written must reach a client that is closed. */
const FLUSH_MS = 1000;
/** Bytes of responses that may wait for a client. Above them no further request of it is read. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** What a connection reports to its server. */
export interface RpcConnectionEvents {
  onLine(line: string, connection: RpcConnection): void;
  /** The client sends no more requests. */
  onEnded(connection: RpcConnection): void;
  onClosed(connection: RpcConnection): void;
}

/**
 * One connection of RpcServer. The port may be reachable for others than gateways, so a connection is closed unless a guard has accepted the
 * token of a request on it within a deadline, whatever it sends or does not send until then. Of a client that does not read its responses, no
 * further request is read.
 */
export class RpcConnection {
  readonly #socket: Socket;
  readonly #writer: LineWriter;
  readonly #deadline: NodeJS.Timeout;
  #inFlight = 0;
  #isLeaving = false;
  #endsWhenIdle = false;

  constructor(
    socket: Socket,
    private readonly events: RpcConnectionEvents,
    private readonly options: { authenticateWithinMs: number; warn: (details: object, message: string) => void },
  ) {
    this.#socket = socket;
    this.#writer = new LineWriter(socket);
    this.#deadline = setTimeout(() => this.#rejectUnauthenticated(), options.authenticateWithinMs).unref();
    const reader = new LineReader((line) => events.onLine(line, this));
    socket.on('data', (chunk: Buffer) => {
      if (!reader.push(chunk)) this.reject('RPC request is too long; connection closed', { maxLineBytes: MAX_LINE_BYTES });
    });
    socket.on('drain', () => socket.resume());
    // The close event follows. A client that disconnects is not a failure of this server.
    socket.on('error', () => {});
    socket.on('end', () => {
      events.onEnded(this);
      // A server that sent GOAWAY still has to answer; otherwise the client has disconnected.
      if (!this.#isLeaving) socket.end();
    });
    socket.on('close', () => {
      clearTimeout(this.#deadline);
      events.onClosed(this);
    });
  }

  /** True after GOAWAY: a further request is not started. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** A guard has accepted the token of a request. */
  authenticated(): void {
    clearTimeout(this.#deadline);
  }

  respond(response: RpcResponse): void {
    this.#writer.write(encodeResponse(response));
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.#socket.pause();
  }

  /** Sends the response when it is ready. */
  async respondWith(handling: Promise<RpcResponse>): Promise<void> {
    this.#inFlight++;
    this.respond(await handling);
    this.#inFlight--;
    if (this.#endsWhenIdle) this.#endWhenIdle();
  }

  /** Tells the client to keep further requests for the next connection, and to end its side. */
  goAway(): void {
    this.#isLeaving = true;
    this.respond({ id: GOAWAY_ID, notStarted: true });
  }

  /** Closes the connection of a client that breaks the protocol. */
  reject(reason: string, details: object = {}): void {
    this.options.warn({ peer: this.#socket.remoteAddress, ...details }, reason);
    this.#socket.destroy();
  }

  /** Sends what is written; the connection of a client that does not read it is destroyed. */
  end(): void {
    this.#writer.flush();
    this.#socket.end(() => this.#socket.destroy());
    setTimeout(() => this.#socket.destroy(), FLUSH_MS).unref();
  }

  /** GOAWAY first: a gateway whose requests so far had invalid tokens loses none of the requests that it is writing now. */
  #rejectUnauthenticated(): void {
    const { authenticateWithinMs } = this.options;
    this.options.warn({ peer: this.#socket.remoteAddress, authenticateWithinMs }, 'RPC connection is not authenticated; closed');
    this.goAway();
    const timer = setTimeout(() => this.#endWhenIdle(), GOAWAY_MS).unref();
    this.#socket.once('end', () => {
      clearTimeout(timer);
      this.#endWhenIdle();
    });
  }

  #endWhenIdle(): void {
    this.#endsWhenIdle = true;
    if (this.#inFlight === 0) this.end();
  }
}
