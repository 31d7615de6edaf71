import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { EntityManager } from 'typeorm';

const SECRET_BYTES = 32;
const SWEEP_SIZE = 100;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits, 43 characters. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** The form in which a secret is stored. It is random, so one round is enough. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Nonce and verifier of an attempt are made of its state: the database alone cannot finish a sign-in. */
export function derivedFrom(state: string, purpose: 'nonce' | 'code-verifier', key: Buffer): string {
  return createHmac('sha256', key).update(`${purpose}:${state}`).digest('base64url');
}

export function isChallenge(value: string): boolean {
  return CHALLENGE.test(value);
}

/** PKCE, S256 (RFC 7636). A verifier that was not asked for is refused as well, so that a challenge cannot be taken away on the way. */
export function verifierFits(verifier: string | undefined, challenge: string | null): boolean {
  if (challenge === null) return verifier === undefined;
  if (verifier === undefined) return false;
  return timingSafeEqual(hashOf(verifier), Buffer.from(challenge, 'base64url'));
}

/** With each new row some old ones go, so that no table grows. Counts on its index of expires_at. */
export async function deleteSomeExpired(manager: EntityManager, table: string, key: string): Promise<void> {
  await manager.query(
    `delete from ${table} where ${key} in (select ${key} from ${table} where expires_at < now() limit ${SWEEP_SIZE} for update skip locked)`,
  );
}
