import { decodeProtectedHeader } from 'jose';
import { AccessTokenVerifier, type AccessTokenVerifierOptions, MFA_ENROLLMENT_TOKEN_TYPE } from './access-token-verifier.js';
import type { AuthenticatedUser } from './authenticated-user.js';

/**
 * Verifies the tokens of accounts that must set up a second factor first (REQUIRE_SECOND_FACTOR of auth-service): good for that, for
 * leaving, and for nothing else. They have a type of their own, so whoever verifies access tokens refuses them by itself; only where this
 * verifier is asked, `@DuringSetup()`, are they taken.
 */
export class MfaEnrollmentTokenVerifier {
  readonly #verifier: AccessTokenVerifier;

  constructor(options: Omit<AccessTokenVerifierOptions, 'internalSecret' | 'tokenType'>) {
    this.#verifier = new AccessTokenVerifier({ ...options, internalSecret: null, tokenType: MFA_ENROLLMENT_TOKEN_TYPE });
  }

  /** As AccessTokenVerifier does; the caller's kind is `setup`. */
  verify(token: string): Promise<AuthenticatedUser> {
    return this.#verifier.verify(token);
  }
}

/** What a token says it is, not verified: which verifier to ask. */
export function isMfaEnrollmentToken(token: string): boolean {
  try {
    return decodeProtectedHeader(token).typ === MFA_ENROLLMENT_TOKEN_TYPE;
  } catch {
    return false;
  }
}
