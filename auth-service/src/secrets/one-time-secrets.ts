import { createHash, createHmac, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** 256 random bits in base64url, which are 43 characters. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** The form in which a secret is stored. One round suffices because the secret is random. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** 32 bytes that only the holder of both the state and our key can compute. */
export function derivedFrom(state: string, purpose: 'nonce' | 'code-verifier', key: Buffer): Buffer {
  return createHmac('sha256', key).update(`${purpose}:${state}`).digest();
}
