import type { Server, ServerResponse } from 'node:http';

const CHECK_INTERVAL_MS = 50;
/** How long a client may take to finish a request that it has begun, and to read an answer. */
const CLIENT_WITHIN_MS = 2000;
/** Longer than the deadline of any request that waits for another system. */
const ANSWER_WITHIN_MS = 16_000;

/**
 * Closes the connections of an HTTP server that stops. The server itself waits for every connection that has a request or has never had one, and
 * a client may keep such a connection open without sending anything. Create it before the server listens.
 */
export class ClosingConnections {
  private readonly responses = new Set<ServerResponse>();

  constructor(private readonly server: Server) {
    server.on('request', (_request, response) => {
      this.responses.add(response);
      response.once('close', () => this.responses.delete(response));
    });
  }

  /**
   * Idle connections are closed at once, also those that become idle with an answer; the others after 2 s, or later while a request that has
   * arrived in full is being answered. WebSockets are not among them. Returns a function that ends this.
   */
  start(): () => void {
    const startedAt = performance.now();
    const timer = setInterval(() => {
      const elapsedMs = performance.now() - startedAt;
      const waitMs = this.isAnswering() ? ANSWER_WITHIN_MS : CLIENT_WITHIN_MS;
      if (elapsedMs < waitMs) this.server.closeIdleConnections();
      else this.server.closeAllConnections();
    }, CHECK_INTERVAL_MS);
    return () => clearInterval(timer);
  }

  private isAnswering(): boolean {
    return [...this.responses].some(({ req, writableEnded }) => req.complete && !writableEnded);
  }
}
