import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;

/**
 * The keys derived from AUTH_SECRET, one for each purpose, so that no key is used for two. The purposes are part of stored data: do not
 * rename them.
 */
export class DerivedKeys {
  /** Encrypts the private signing keys in the database. */
  readonly signingKeyEncryption: Buffer;
  /** Derives the successor of a refresh token. */
  readonly refreshTokenSuccession: Buffer;
  /** Encrypts the secrets of authenticator apps. */
  readonly totpSecretEncryption: Buffer;
  /** Makes nonce and verifier of a sign-in at a provider. */
  readonly oauthAttempt: Buffer;
  /** Derives the tokens of links in mails. */
  readonly mailTokens: Buffer;

  constructor(secret: string) {
    const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', `chat-backend/auth/${purpose}`, KEY_BYTES));
    this.signingKeyEncryption = derive('signing-key-encryption');
    this.refreshTokenSuccession = derive('refresh-token-succession');
    this.mailTokens = derive('mail-tokens');
    this.totpSecretEncryption = derive('totp-secret-encryption');
    this.oauthAttempt = derive('oauth-attempt');
  }
}
