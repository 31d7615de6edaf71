import type { ClientDetails } from '../client/client-details.js';
import { networkOf } from '../client/ip-network.js';
import { hashOf } from '../secrets/one-time-secrets.js';

/** Attempts that slow each other down: those on one account from one device, say. */
export interface ThrottleKey {
  key: string;
  /** So many may fail before the next one waits. */
  freeFailures: number;
  firstDelayMs: number;
  /** The delay doubles with each failure, up to this. */
  maxDelayMs: number;
  /** Whether attempts wait for one another; else each waits for itself, so that nobody is kept out by others. */
  oneAtATime: boolean;
}

/** How a device is known to an account. By `device-id` it is surely the same one; by `place` it is the same program at the same address. */
export type DeviceTrustLevel = 'device-id' | 'ip-and-user-agent' | null;

/** Failures are forgotten this long after the first of them. */
export const FAILURE_WINDOW_MS = 15 * 60_000;
/** Whoever would have to wait longer is told to come back. */
export const MAX_WAIT_MS = 4000;

const OF_ONE_SOURCE = { freeFailures: 10, firstDelayMs: 250, maxDelayMs: 4000, oneAtATime: true };
const OF_ALL_STRANGERS = { ...OF_ONE_SOURCE, oneAtATime: false };
// Many people may share an address. Otherwise as above: whoever tries address by address waits as long as who tries one account.
const OF_ONE_ADDRESS = { ...OF_ONE_SOURCE, freeFailures: 30 };

/**
 * The keys of a sign-in, the narrowest first. A device that the account knows has one of its own, which the failures of others do not
 * reach. Strangers share one per account, in which they wait but are never refused: nobody can lock the owner out. That the account exists
 * plays no part.
 */
export function throttleKeysForLogin(email: string, knownBy: DeviceTrustLevel, client: ClientDetails): ThrottleKey[] {
  const account = digestOf(email);
  const address = client.ipAddress === null ? null : networkOf(client.ipAddress);
  const ofAddress: ThrottleKey[] = address === null ? [] : [{ key: `address:${address}`, ...OF_ONE_ADDRESS }];
  if (knownBy === 'device-id') return [{ key: `device:${account}:${digestOf(String(client.deviceId))}`, ...OF_ONE_SOURCE }];
  if (knownBy === 'ip-and-user-agent')
    return [{ key: `place:${account}:${digestOf(`${address} ${client.userAgent}`)}`, ...OF_ONE_SOURCE }, ...ofAddress];
  return [
    { key: `stranger:${account}:${address ?? 'unknown'}`, ...OF_ONE_SOURCE },
    { key: `strangers:${account}`, ...OF_ALL_STRANGERS },
    ...ofAddress,
  ];
}

/** For somebody signed in who is asked for the password again. */
export function throttleKeysForSession(sessionId: string): ThrottleKey[] {
  return [{ key: `session:${sessionId}`, ...OF_ONE_SOURCE }];
}

export function delayMsAfter(failures: number, { freeFailures, firstDelayMs, maxDelayMs }: ThrottleKey): number {
  return failures < freeFailures ? 0 : Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - freeFailures));
}

/** Redis shall not hold e-mail addresses. */
function digestOf(text: string): string {
  return hashOf(text).toString('base64url').slice(0, 22);
}
