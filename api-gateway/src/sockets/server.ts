import { contextFromHeaders } from '@chat/shared/bootstrap';
import { LOGGER, type Log, runInContext } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { handleProtocols } from 'graphql-ws';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { ClientSocket, CLOSE_CODES } from './client-socket.js';
import { OpenSockets } from './open-sockets.js';
import { SocketProtocol } from './protocol.js';
import { UpgradeRules } from './upgrade-rules.js';

const MAX_FRAME_BYTES = 64 * 1024;
const SHUTDOWN_TIMEOUT_MS = 2000;

/** The types of ws do not have them all. */
type Options = ServerOptions & Record<'closeTimeout' | 'maxFragments' | 'maxBufferedChunks' | 'maxPendingAutoPongs', number>;

const OPTIONS: Options = {
  noServer: true,
  maxPayload: MAX_FRAME_BYTES,
  // A part of a frame takes some hundred bytes beside its own. More of them, or pongs that are not read, end the connection.
  maxFragments: 128,
  maxBufferedChunks: 512,
  maxPendingAutoPongs: 60,
  perMessageDeflate: false,
  // A client that does not take part in the closing handshake, for example one that does not read, is cut off. Its buffer is freed then.
  closeTimeout: 5000,
  // What one frame starts reaches its first input or output before the next frame is handled, so the mutations of a client keep their order.
  allowSynchronousEvents: false,
  handleProtocols: (protocols) => handleProtocols(protocols),
};

/** Accepts WebSockets on the gateway's HTTP port. */
@Injectable()
export class SocketServer {
  private readonly wss = new WebSocketServer(OPTIONS);
  private isStopping = false;

  constructor(
    private readonly sockets: OpenSockets,
    private readonly rules: UpgradeRules,
    private readonly socketProtocol: SocketProtocol,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  attach(fastify: FastifyInstance): void {
    // The HTTP server waits for its connections to end, and an open socket does not end by itself.
    fastify.addHook('preClose', () => this.closeAll());
    fastify.server.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
      const refusal = this.isStopping ? '503 Service Unavailable' : this.rules.refusalOf(request);
      if (refusal !== null) {
        // The client may have disconnected already, or stay connected.
        duplex.on('error', () => undefined);
        duplex.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => duplex.destroy());
        return;
      }
      this.wss.handleUpgrade(request, duplex, head, (ws) => this.accept(ws, request));
    });
  }

  /** Rejects new sockets and closes the open ones, so that the HTTP server can close. */
  private async closeAll(): Promise<void> {
    this.isStopping = true;
    this.sockets.closeAll(CLOSE_CODES.restart, 'Service restart');
    const deadline = Date.now() + SHUTDOWN_TIMEOUT_MS;
    while (this.wss.clients.size > 0 && Date.now() < deadline) await sleep(20);
    for (const ws of this.wss.clients) ws.terminate();
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
    socket.onText((text) => void runInContext(context, () => connection.receive(text)));
    // ws closes the socket with the code that names the error.
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
