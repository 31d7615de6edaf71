import { isIP } from 'node:net';

/** The part of an HTTP request, or of the upgrade request of a socket, that identifies the client. */
export interface ClientRequest {
  headers: Record<string, string | string[] | undefined>;
  socket?: { remoteAddress?: string | undefined };
}

/** Headers that tell auth-service which client uses a session, and its address. */
export type ClientHeaders = Record<string, string>;

const MAX_HEADER_CHARACTERS = 512;

/**
 * The client of a request: its user agent and device id, as the client states them, and its address. Each trusted proxy appends the address
 * of its peer to `x-forwarded-for`; entries before those may be forged by the client.
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
  const address = withoutPort(hops[hops.length - 1 - trustedProxies] ?? '');
  return isIP(address) === 0 ? null : address;
}

/** Some proxies write `192.0.2.7:49152` or `[2001:db8::7]:49152`. */
function withoutPort(hop: string): string {
  const [, ipv4, ipv6] = /^([\d.]+):\d+$|^\[([\da-f:.]+)\](?::\d+)?$/i.exec(hop) ?? [];
  return ipv4 ?? ipv6 ?? hop;
}
