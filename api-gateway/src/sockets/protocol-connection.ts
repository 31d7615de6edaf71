import type { Log } from '@chat/shared/observability';
import { type Message, MessageType, type Server } from 'graphql-ws';
import pLimit, { type LimitFunction } from 'p-limit';
import { ProtocolViolation, readClientMessage } from './client-messages.js';
import { type ClientSocket, CLOSE_CODES } from './client-socket.js';
import { OperationIds } from './operation-ids.js';

/** What graphql-ws keeps for each socket. */
export interface SocketState {
  socket: ClientSocket;
  operationIds: OperationIds;
  /** Runs one query after the other: an answer may be large, and is in memory until the client reads it. */
  limitQueries: LimitFunction;
}

/** Connects one socket to graphql-ws: messages in, messages out, and the end. */
export class ProtocolConnection {
  /** Ends all operations. */
  readonly closed: (code: number, reason: string) => Promise<void>;
  private readonly operationIds = new OperationIds();
  private handle: (message: Message) => Promise<void> = async () => undefined;

  constructor(
    server: Server<SocketState>,
    private readonly socket: ClientSocket,
    private readonly logger: Log,
  ) {
    const { operationIds } = this;
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: async (text) => {
          const encoded = operationIds.encode(text);
          if (encoded !== null) await socket.send(encoded);
        },
        close: (code, reason) => socket.close(code ?? 1000, reason ?? ''),
        // graphql-ws accepts a parsed message, although its type is string.
        onMessage: (listener) => (this.handle = (message) => listener(message as unknown as string)),
      },
      { socket, operationIds, limitQueries: pLimit(1) },
    );
    this.closed = async (code, reason) => {
      operationIds.endAll();
      await closed(code, reason);
    };
  }

  /** Handles one message of the client. */
  async receive(text: string): Promise<void> {
    try {
      await this.handleMessage(text);
    } catch (error) {
      if (error instanceof ProtocolViolation) return this.socket.close(error.code, error.message);
      this.logger.error({ error }, 'a message of a socket failed');
      this.socket.close(CLOSE_CODES.internal, 'Internal error');
    }
  }

  private async handleMessage(text: string): Promise<void> {
    const message = this.operationIds.decode(readClientMessage(text));
    // A ping is answered after the acknowledgement only.
    if (message === null || (message.type === MessageType.Ping && !this.socket.user)) return;
    if (message.type === MessageType.Subscribe) await this.runOperation(message, Buffer.byteLength(text));
    else await this.handle(message);
  }

  /** Resolves when the operation has ended. Until then its document and its variables are in memory. */
  private async runOperation(message: Message, bytes: number): Promise<void> {
    const { operationIds } = this;
    operationIds.running += 1;
    operationIds.runningBytes += bytes;
    try {
      await this.handle(message);
    } finally {
      operationIds.running -= 1;
      operationIds.runningBytes -= bytes;
    }
  }
}
