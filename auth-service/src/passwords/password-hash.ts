import { createHmac } from 'node:crypto';
import bcrypt from 'bcrypt';

/**
 * bcrypt reads 72 bytes and stops at a NUL. So it gets a digest of fixed length in plain letters (64 characters) instead of the password,
 * and every byte of the password counts. The digest has a key of its own, so that leaked hashes of plain SHA-384 cannot be tried here. The
 * key is part of every stored hash: do not change it. The password is hashed in NFC (NIST SP 800-63B-4, section 3.1.1.2): keyboards differ
 * in how they write an accent.
 */
function digestOf(password: string): string {
  return createHmac('sha384', 'chat-backend/auth/password').update(password.normalize('NFC'), 'utf8').digest('base64');
}

export function hashPassword(password: string, cost: number): Promise<string> {
  return bcrypt.hash(digestOf(password), cost);
}

export function passwordMatches(password: string, hash: string): Promise<boolean> {
  return bcrypt.compare(digestOf(password), hash);
}

export function costOf(hash: string): number {
  return bcrypt.getRounds(hash);
}
