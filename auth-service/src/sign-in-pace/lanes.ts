import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { ClientDetails } from '../sessions/client-details.js';

/** Attempts that slow each other down: those on one account from one device, say. */
export interface Lane {
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
export type KnownBy = 'device-id' | 'place' | null;

/** Failures are forgotten this long after the first of them. */
export const FORGOTTEN_AFTER_MS = 15 * 60_000;
/** Whoever would have to wait longer is told to come back. */
export const LONGEST_WAIT_MS = 4000;

const OF_ONE_SOURCE = { freeFailures: 10, firstDelayMs: 250, maxDelayMs: 4000, oneAtATime: true };
const OF_ALL_STRANGERS = { ...OF_ONE_SOURCE, oneAtATime: false };
// Many people may share an address. Otherwise as above: whoever tries address by address waits as long as who tries one account.
const OF_ONE_ADDRESS = { ...OF_ONE_SOURCE, freeFailures: 30 };

/**
 * The lanes of a sign-in, the narrowest first. A device that the account knows has one of its own, which the failures of others do not
 * reach. Strangers share one per account, in which they wait but are never refused: nobody can lock the owner out. That the account exists
 * plays no part.
 */
export function lanesOfSignIn(email: string, knownBy: KnownBy, client: ClientDetails): Lane[] {
  const account = digestOf(email);
  const address = client.ipAddress === null ? null : networkOf(client.ipAddress);
  const ofAddress: Lane[] = address === null ? [] : [{ key: `address:${address}`, ...OF_ONE_ADDRESS }];
  if (knownBy === 'device-id') return [{ key: `device:${account}:${digestOf(String(client.deviceId))}`, ...OF_ONE_SOURCE }];
  if (knownBy === 'place')
    return [{ key: `place:${account}:${digestOf(`${address} ${client.userAgent}`)}`, ...OF_ONE_SOURCE }, ...ofAddress];
  return [
    { key: `stranger:${account}:${address ?? 'unknown'}`, ...OF_ONE_SOURCE },
    { key: `strangers:${account}`, ...OF_ALL_STRANGERS },
    ...ofAddress,
  ];
}

/** For somebody signed in who is asked for the password again. */
export function lanesOfSession(sessionId: string): Lane[] {
  return [{ key: `session:${sessionId}`, ...OF_ONE_SOURCE }];
}

export function delayMsAfter(failures: number, { freeFailures, firstDelayMs, maxDelayMs }: Lane): number {
  return failures < freeFailures ? 0 : Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - freeFailures));
}

/** The addresses of one client: IPv6 clients have a whole /64 to choose from. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return `${address}/32`;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  // '::' stands for as many zeros as are missing.
  const zeros = Array.from({ length: 8 - groups.length - after.length }, () => '0');
  const all = [...groups, ...zeros, ...after];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/** Redis shall not hold e-mail addresses. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
