import type { Log } from '@chat/shared/observability';
import { MessageType, type Server } from 'graphql-ws';
import pLimit, { type LimitFunction } from 'p-limit';
import { type ClientSocket, CLOSE_CODES } from './client-socket.js';
import { OperationIds, ProtocolViolation } from './operation-ids.js';

/** Each query may have a large answer, which is in memory until the client reads it. */
const MAX_QUERIES_AT_ONCE = 8;

/** What graphql-ws keeps for each socket. */
export interface SocketState {
  socket: ClientSocket;
  operationIds: OperationIds;
  limitQueries: LimitFunction;
}

/** Connects one socket to graphql-ws: messages in, messages out, and the end. */
export class ProtocolConnection {
  /** Ends all operations. */
  readonly closed: (code: number, reason: string) => Promise<void>;
  private readonly operationIds = new OperationIds();
  private handle: (message: string) => Promise<void> = async () => undefined;

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
        onMessage: (listener) => (this.handle = listener),
      },
      { socket, operationIds, limitQueries: pLimit(MAX_QUERIES_AT_ONCE) },
    );
    this.closed = async (code, reason) => closed(code, reason);
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
    const message = this.operationIds.decode(text);
    if (message === null) return;
    const isOperation = message.type === MessageType.Subscribe;
    if (isOperation) this.operationIds.running += 1;
    try {
      // graphql-ws accepts a parsed message, although its type is string. For an operation the promise settles when the operation has ended.
      await this.handle(message as unknown as string);
    } finally {
      if (isOperation) this.operationIds.running -= 1;
    }
  }
}
