import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const ITERATIONS = 4096; // as PostgreSQL
const SALT_BYTES = 16;

/**
 * What PostgreSQL stores of a password, and accepts in its place (RFC 5803, RFC 7677): a statement with it may be in a log.
 *
 * Undefined for a password that is not ASCII: it would have to be prepared with SASLprep (RFC 4013), which the server does if it gets the
 * password itself. SASLprep changes no ASCII character.
 */
export function scramVerifier(password: string, salt = randomBytes(SALT_BYTES), iterations = ITERATIONS): string | undefined {
  if (!/^\p{ASCII}*$/u.test(password)) return undefined;
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const keyOf = (name: string) => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${keyOf('Server Key').toString('base64')}`;
}
