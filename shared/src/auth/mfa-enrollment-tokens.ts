import { decodeProtectedHeader } from 'jose';
import { LRUCache } from 'lru-cache';
import { AccessTokenVerifier, type AccessTokenVerifierOptions, MFA_ENROLLMENT_TOKEN_TYPE } from './access-token-verifier.js';
import type { AuthenticatedUser } from './authenticated-user.js';

/**
 * Verifies MFA enrolment tokens: tokens of accounts that must set up a second factor before anything else (a setting of auth-service). They
 * have a `typ` of their own, so AccessTokenVerifier rejects them; only operations with `@AllowDuringMfaEnrollment()` accept them.
 */
export class MfaEnrollmentTokenVerifier {
  readonly #verifier: AccessTokenVerifier;

  constructor(options: Omit<AccessTokenVerifierOptions, 'internalTokens' | 'tokenType'>) {
    this.#verifier = new AccessTokenVerifier({ ...options, tokenType: MFA_ENROLLMENT_TOKEN_TYPE });
  }

  /** As AccessTokenVerifier.verify; the kind of the user is `mfa-enrollment`. */
  verify(token: string): Promise<AuthenticatedUser> {
    return this.#verifier.verify(token);
  }
}

/** Of headers, which are the same for all tokens of a key. */
const isOfEnrollment = new LRUCache<string, boolean>({ max: 100 });
const MAX_CACHED_CHARACTERS = 500;

/** Whether the header of a token, not verified, names the type of MFA enrolment tokens: this tells which verifier to use. */
export function isMfaEnrollmentToken(token: string): boolean {
  const [header = ''] = token.split('.', 1);
  const known = isOfEnrollment.get(header);
  if (known !== undefined) return known;
  const isOne = namesEnrollmentType(header);
  if (header.length <= MAX_CACHED_CHARACTERS) isOfEnrollment.set(header, isOne);
  return isOne;
}

function namesEnrollmentType(header: string): boolean {
  try {
    return decodeProtectedHeader({ protected: header }).typ === MFA_ENROLLMENT_TOKEN_TYPE;
  } catch {
    return false;
  }
}
