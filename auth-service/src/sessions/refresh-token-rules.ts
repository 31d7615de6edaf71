import { createHmac } from 'node:crypto';

/** A lost response can be repeated for this long. */
export const GRACE_SECONDS = 10;

/**
 * The successor of this token. It is derived, so it can be returned again without being stored, and with a secret key, so that the thief of
 * a token cannot compute it.
 */
export function successorOf(token: string, key: Buffer): string {
  return createHmac('sha256', key).update(token).digest('base64url');
}

/** The state of a presented token, read while its session is locked. */
export interface PresentedToken {
  sessionRevoked: boolean;
  expired: boolean;
  spent: boolean;
  /** Used no longer than GRACE_SECONDS ago. */
  spentJustNow: boolean;
  /** The successor exists and has not been presented yet. */
  successorUnused: boolean;
}

/**
 * `rotate`: mark it as used and return its successor. `repeat`: return the same successor again. `revoke`: two clients have this token, so
 * revoke the session for both.
 */
export type RefreshDecision = 'rotate' | 'repeat' | 'revoke' | 'refuse';

export function decideRefresh({ sessionRevoked, expired, spent, spentJustNow, successorUnused }: PresentedToken): RefreshDecision {
  if (sessionRevoked) return 'refuse';
  if (spent) return spentJustNow && successorUnused ? 'repeat' : 'revoke';
  return expired ? 'refuse' : 'rotate';
}
