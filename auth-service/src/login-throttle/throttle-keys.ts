import { backoffMs } from '@chat/shared/async';
import type { ClientDetails } from '../client/client-details.js';
import { networkOf } from '@chat/shared/http';
import { hashOf } from '../secrets/one-time-secrets.js';

/** A group of attempts that share a count of failures, such as those on one account from one device. */
export interface ThrottleKey {
  key: string;
  /** The number of failures without a delay. */
  freeFailures: number;
  firstDelayMs: number;
  /** The delay doubles with each failure, up to this maximum. */
  maxDelayMs: number;
  /**
   * Whether attempts run one after the other. If false, each is delayed on its own and none is refused, so that attackers cannot lock out
   * the owner.
   */
  oneAtATime: boolean;
}

/**
 * How an account knows a device. `device-id`: certainly the same device. `ip-and-user-agent`: the same user agent in the same network.
 * Null: unknown.
 */
export type DeviceTrustLevel = 'device-id' | 'ip-and-user-agent' | null;

/** Failures expire this long after the first one. */
export const FAILURE_WINDOW_MS = 15 * 60_000;
/** An attempt with a longer delay is refused. */
export const MAX_WAIT_MS = 4000;

const OF_ONE_SOURCE = { freeFailures: 10, firstDelayMs: 250, maxDelayMs: 4000, oneAtATime: true };
const OF_UNKNOWN_DEVICES = { ...OF_ONE_SOURCE, oneAtATime: false };
// Many users may share an address. Otherwise as above: trying many addresses from one network is as slow as trying one account.
const OF_ONE_ADDRESS = { ...OF_ONE_SOURCE, freeFailures: 30 };

/**
 * The keys of a login, the narrowest first. A known device has a key of its own, which failures of other devices do not affect. Unknown
 * devices share one key per account that delays, but never refuses: attackers cannot lock out the owner. The keys are the same whether the
 * account exists or not.
 */
export function throttleKeysForLogin(email: string, trust: DeviceTrustLevel, client: ClientDetails): ThrottleKey[] {
  const account = digestOf(email);
  const address = client.ipAddress === null ? null : networkOf(client.ipAddress);
  const addressKeys: ThrottleKey[] = address === null ? [] : [{ key: `address:${address}`, ...OF_ONE_ADDRESS }];
  if (trust === 'device-id') return [{ key: `device:${account}:${digestOf(String(client.deviceId))}`, ...OF_ONE_SOURCE }];
  if (trust === 'ip-and-user-agent')
    return [{ key: `network:${account}:${digestOf(`${address} ${client.userAgent}`)}`, ...OF_ONE_SOURCE }, ...addressKeys];
  return [
    { key: `unknown-device:${account}:${address ?? 'unknown'}`, ...OF_ONE_SOURCE },
    { key: `unknown-devices:${account}`, ...OF_UNKNOWN_DEVICES },
    ...addressKeys,
  ];
}

/** For a signed-in user that must enter the password again. */
export function throttleKeysForSession(sessionId: string): ThrottleKey[] {
  return [{ key: `session:${sessionId}`, ...OF_ONE_SOURCE }];
}

export function delayMsAfter(failures: number, { freeFailures, firstDelayMs, maxDelayMs }: ThrottleKey): number {
  return failures < freeFailures ? 0 : backoffMs(failures - freeFailures, { firstMs: firstDelayMs, maxMs: maxDelayMs });
}

/** Redis must not contain e-mail addresses. */
function digestOf(text: string): string {
  return hashOf(text).toString('base64url').slice(0, 22);
}
