import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { GatewayConfig } from '../config.js';
import { GRAPHQL_PATH } from '../graphql/graphql.options.js';
import { SocketLimits } from './socket-limits.js';

const MAX_PROTOCOL_HEADER_CHARACTERS = 1000;
const RETRY_AFTER_SECONDS = 5;

/** Which HTTP requests may open a socket. */
@Injectable()
export class UpgradeRules {
  constructor(
    private readonly config: GatewayConfig,
    private readonly limits: SocketLimits,
  ) {}

  /** The status, and headers after it, with which the request is refused; null if it may open a socket. */
  refusalOf(request: IncomingMessage): string | null {
    const { url = '', headers } = request;
    if (url.split('?', 1)[0] !== GRAPHQL_PATH) return '404 Not Found';
    if ((headers['sec-websocket-protocol']?.length ?? 0) > MAX_PROTOCOL_HEADER_CHARACTERS) return '400 Bad Request';
    if (!this.isAllowedOrigin(headers)) return '403 Forbidden';
    return this.limits.mayOpen(request) ? null : `429 Too Many Requests\r\nretry-after: ${RETRY_AFTER_SECONDS}`;
  }

  /**
   * A browser names the page that opens the socket, and sends its cookies, but does not ask by CORS. So the same origins are allowed here: those of
   * CORS_ORIGINS, and the address by which the gateway was reached. Other clients name no origin.
   */
  private isAllowedOrigin({ origin, host = '' }: IncomingMessage['headers']): boolean {
    if (origin === undefined || this.config.corsOrigins.includes(origin)) return true;
    const page = URL.parse(origin);
    return page !== null && page.host !== '' && page.host === URL.parse(`${page.protocol}//${host}`)?.host;
  }
}
