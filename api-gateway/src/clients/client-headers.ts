import { isIP } from 'node:net';

/** What there is of the request that an operation, or the socket that it is on, came with. */
export interface ClientRequest {
  headers: Record<string, string | string[] | undefined>;
  socket?: { remoteAddress?: string | undefined };
}

/** Headers that tell auth-service what a session is used with and from where. */
export type ClientHeaders = Record<string, string>;

const MAX_HEADER_CHARACTERS = 512;

/**
 * The client as the gateway sees it: its program and device id as it names them, and its address. Each trusted proxy has added the address
 * it saw to the end of `x-forwarded-for`; what stands before that, anybody may have written.
 */
export function clientHeadersOf({ headers, socket }: ClientRequest, trustedProxies: number): ClientHeaders {
  const found: ClientHeaders = {};
  for (const name of ['user-agent', 'x-device-id']) {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') found[name] = value.slice(0, MAX_HEADER_CHARACTERS);
  }
  const address = addressOf(headers['x-forwarded-for'], socket?.remoteAddress, trustedProxies);
  if (address !== null) found['x-forwarded-for'] = address;
  return found;
}

function addressOf(forwarded: string | string[] | undefined, remoteAddress = '', trustedProxies: number): string | null {
  const hops = [...String(forwarded ?? '').split(','), remoteAddress].map((hop) => hop.trim().replace(/^::ffff:(?=\d+\.)/i, ''));
  const address = hops[hops.length - 1 - trustedProxies] ?? '';
  return isIP(address) === 0 ? null : address;
}
