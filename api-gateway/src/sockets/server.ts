import { contextFromHeaders } from '@chat/shared/bootstrap';
import { LOGGER, type Log, runInContext } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { handleProtocols } from 'graphql-ws';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { GRAPHQL_PATH } from '../graphql/graphql.options.js';
import { ClientSocket, CLOSE_CODES } from './client-socket.js';
import { OpenSockets } from './open-sockets.js';
import { SocketProtocol } from './protocol.js';

const MAX_FRAME_BYTES = 64 * 1024;
const MAX_PROTOCOL_HEADER_CHARACTERS = 1000;
const CLOSE_WITHIN_MS = 2000;

/** Takes WebSockets in on the gateway's HTTP port, and lets them go again. */
@Injectable()
export class SocketServer {
  private readonly wss = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  private isStopping = false;

  constructor(
    private readonly sockets: OpenSockets,
    private readonly socketProtocol: SocketProtocol,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  attach(fastify: FastifyInstance): void {
    // Before the HTTP server waits for its connections to end, which an open socket never does by itself.
    fastify.addHook('preClose', () => this.closeAll());
    fastify.server.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
      const refusal = this.whyRefused(request);
      if (refusal !== null) {
        // The other end may be gone already.
        duplex.on('error', () => undefined);
        duplex.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
        return;
      }
      this.wss.handleUpgrade(request, duplex, head, (ws) => this.accept(ws, request));
    });
  }

  /** New ones are refused, open ones are told to come back; then the HTTP server can close. */
  private async closeAll(): Promise<void> {
    this.isStopping = true;
    this.sockets.closeAll(CLOSE_CODES.restart, 'Service restart');
    const deadline = Date.now() + CLOSE_WITHIN_MS;
    while (this.wss.clients.size > 0 && Date.now() < deadline) await sleep(20);
    for (const ws of this.wss.clients) ws.terminate();
  }

  private whyRefused({ url = '', headers }: IncomingMessage): string | null {
    if (url.split('?', 1)[0] !== GRAPHQL_PATH) return '404 Not Found';
    if ((headers['sec-websocket-protocol']?.length ?? 0) > MAX_PROTOCOL_HEADER_CHARACTERS) return '400 Bad Request';
    return this.isStopping ? '503 Service Unavailable' : null;
  }

  private accept(ws: WebSocket, request: IncomingMessage): void {
    const socket = new ClientSocket(ws, request, (code, reason) => {
      this.sockets.remove(socket);
      // A wrong subprotocol closes the socket before `open` has returned.
      queueMicrotask(() => void this.endOperations(() => connection.closed(code, reason)));
    });
    this.sockets.add(socket);
    // All operations of a socket are logged with one correlation id, here and in the services.
    const context = contextFromHeaders(request.headers);
    const connection = this.socketProtocol.open(socket);
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      if (!socket.isOpen) return;
      if (isBinary) socket.close(CLOSE_CODES.badRequest, 'Invalid message received');
      else void runInContext(context, () => connection.receive(data.toString()));
    });
    ws.on('pong', () => (socket.isAlive = true));
    // What is wrong with a frame is in the close code that ws sends.
    ws.on('error', (error) => this.logger.debug({ error }, 'a socket failed'));
  }

  private async endOperations(end: () => Promise<void>): Promise<void> {
    try {
      await end();
    } catch (error) {
      this.logger.error({ error }, 'the operations of a socket could not be ended');
    }
  }
}
