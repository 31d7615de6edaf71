import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;

/**
 * The keys that are made of AUTH_SECRET, one for each purpose, so that none can be used for another's work.
 * The purposes are part of what is stored: never rename one.
 */
export class DerivedKeys {
  /** Encrypts the private signing keys in the database. */
  readonly signingKeyEncryption: Buffer;
  /** Makes a refresh token's successor. */
  readonly refreshTokenSuccession: Buffer;
  /** Encrypts what authenticator apps compute their codes from. */
  readonly totpSecretEncryption: Buffer;
  /** Makes nonce and verifier of a sign-in at a provider. */
  readonly oauthAttempt: Buffer;
  /** Makes the tokens of links in mails. */
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
