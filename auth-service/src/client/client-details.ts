import { isIP } from 'node:net';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { hashOf } from '../secrets/one-time-secrets.js';

const MAX_USER_AGENT_LENGTH = 512;
const MAX_DEVICE_ID_LENGTH = 128;

/** What is known of the program and the place a session is used from; shown to its owner, trusted for nothing. */
export interface ClientDetails {
  userAgent: string | null;
  ipAddress: string | null;
  /** `x-device-id`, which an app may send: the same on each start on one device. */
  deviceId: string | null;
}

export type ClientHeaders = Record<string, string | string[] | undefined>;

/**
 * Reads what the gateway says of its client: `user-agent` as the client sent it, and in `x-forwarded-for` the one address that the
 * gateway saw. Anything else there (a list, a name) was not made by the gateway and is not taken.
 */
export function clientDetailsOf(headers: ClientHeaders): ClientDetails {
  const { 'user-agent': userAgent, 'x-forwarded-for': address, 'x-device-id': deviceId } = headers;
  return {
    userAgent: typeof userAgent === 'string' && userAgent !== '' ? userAgent.slice(0, MAX_USER_AGENT_LENGTH) : null,
    ipAddress: typeof address === 'string' && isIP(address) !== 0 ? withoutZone(address) : null,
    deviceId: typeof deviceId === 'string' && deviceId !== '' ? deviceId.slice(0, MAX_DEVICE_ID_LENGTH) : null,
  };
}

/** `fe80::1%eth0`: the zone means something on one machine only, and the database knows none. */
function withoutZone(address: string): string {
  return address.split('%', 1)[0]!;
}

/** The parameter gets the ClientDetails of the request. */
export const Client = createParamDecorator((_: unknown, context: ExecutionContext) =>
  clientDetailsOf(context.switchToHttp().getRequest<{ headers: ClientHeaders }>().headers),
);

/** Tells devices apart by user agent and device id together; where they are used from makes no difference. */
export function deviceHashOf({ userAgent, deviceId }: ClientDetails): Buffer {
  return hashOf(JSON.stringify([userAgent, deviceId]));
}
