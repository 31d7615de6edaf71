import { isIP } from 'node:net';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { networkOf } from '@chat/shared/http';
import { hashOf } from '../secrets/one-time-secrets.js';

const MAX_USER_AGENT_LENGTH = 512;
const MAX_DEVICE_ID_LENGTH = 128;

/** User agent, address and device of a client, as the client states them: shown to the owner of the session, and never trusted. */
export interface ClientDetails {
  userAgent: string | null;
  ipAddress: string | null;
  /** The header `x-device-id`, optional: the same value on each start on one device. */
  deviceId: string | null;
  /** The peer of the TCP connection: the gateway, or a client that calls this service directly. */
  peerAddress?: string;
}

export type ClientHeaders = Record<string, string | string[] | undefined>;

/**
 * Reads the headers of the gateway: `user-agent` as the client sent it, and in `x-forwarded-for` the one address that the gateway saw.
 * Another value of that header (a list, a name) does not come from the gateway and is ignored.
 */
export function clientDetailsOf(headers: ClientHeaders, peerAddress?: string): ClientDetails {
  const { 'user-agent': userAgent, 'x-forwarded-for': address, 'x-device-id': deviceId } = headers;
  return {
    userAgent: typeof userAgent === 'string' && userAgent !== '' ? userAgent.slice(0, MAX_USER_AGENT_LENGTH) : null,
    ipAddress: typeof address === 'string' && isIP(address) !== 0 ? withoutZone(address) : null,
    deviceId: typeof deviceId === 'string' && deviceId !== '' ? deviceId.slice(0, MAX_DEVICE_ID_LENGTH) : null,
    ...(peerAddress !== undefined && { peerAddress }),
  };
}

/** `fe80::1%eth0`: the zone is valid on one machine only, and the type inet has none. */
function withoutZone(address: string): string {
  return address.split('%', 1)[0]!;
}

/** The part of a request that identifies its client. */
export interface ClientRequest {
  headers: ClientHeaders;
  socket: { remoteAddress?: string | undefined };
}

/** The parameter gets the ClientDetails of the request. */
export const Client = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { headers, socket } = context.switchToHttp().getRequest<ClientRequest>();
  return clientDetailsOf(headers, socket.remoteAddress);
});

/** The address that a request counts for: that of its client, or without one that of the peer. */
export function addressOf({ ipAddress, peerAddress }: ClientDetails): string | null {
  return ipAddress ?? peerAddress ?? null;
}

/** The network that a request counts for where clients share a capacity. */
export function sourceOf(client: ClientDetails): string {
  return networkOf(addressOf(client) ?? 'unknown');
}

/** Identifies a device by user agent and device id, wherever it connects from. */
export function deviceHashOf({ userAgent, deviceId }: ClientDetails): Buffer {
  return hashOf(JSON.stringify([userAgent, deviceId]));
}
