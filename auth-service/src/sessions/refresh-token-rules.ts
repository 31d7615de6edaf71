import { createHmac } from 'node:crypto';

/** A lost answer can be had again for this long. */
export const GRACE_SECONDS = 10;

/**
 * The token that follows this one. It is computed from it, so it can be given again without having been stored,
 * and with a secret key, so that who stole a token cannot go on by himself.
 */
export function successorOf(token: string, key: Buffer): string {
  return createHmac('sha256', key).update(token).digest('base64url');
}

/** What is known of a token when it is presented, with its session's row locked. */
export interface PresentedToken {
  sessionRevoked: boolean;
  expired: boolean;
  spent: boolean;
  /** Spent no longer than GRACE_SECONDS ago. */
  spentJustNow: boolean;
  /** Its successor is there and has not been presented yet. */
  successorUnused: boolean;
}

/**
 * `rotate`: spend it and give its successor. `repeat`: give the same successor again. `revoke`: two hold this token, end the session for
 * both.
 */
export type RefreshDecision = 'rotate' | 'repeat' | 'revoke' | 'refuse';

export function decideRefresh({ sessionRevoked, expired, spent, spentJustNow, successorUnused }: PresentedToken): RefreshDecision {
  if (sessionRevoked) return 'refuse';
  if (spent) return spentJustNow && successorUnused ? 'repeat' : 'revoke';
  return expired ? 'refuse' : 'rotate';
}
