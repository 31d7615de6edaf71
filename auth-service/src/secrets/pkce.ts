import { timingSafeEqual } from 'node:crypto';
import { hashOf } from './one-time-secrets.js';

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

export function isChallenge(value: string): boolean {
  return CHALLENGE.test(value);
}

/** PKCE, S256 (RFC 7636). A verifier without a challenge is refused as well: otherwise an attacker could remove the challenge in transit. */
export function verifierMatches(verifier: string | undefined, challenge: string | null): boolean {
  if (challenge === null) return verifier === undefined;
  if (verifier === undefined) return false;
  return timingSafeEqual(hashOf(verifier), Buffer.from(challenge, 'base64url'));
}
