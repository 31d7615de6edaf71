import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Platform, ProviderName } from './providers/oauth-provider.js';

/** A sign-in at a provider that is under way. See OAuthAttempts. */
@Entity('oauth_attempts')
export class OAuthAttempt {
  @PrimaryColumn({ type: 'bytea' })
  stateHash: Buffer;

  /** Hash of the secret in the browser's cookie. */
  @Column({ type: 'bytea' })
  browserHash: Buffer;

  @Column({ type: 'text' })
  provider: ProviderName;

  @Column({ type: 'text' })
  platform: Platform;

  /** PKCE between the client and us. */
  @Column({ type: 'text', nullable: true })
  codeChallenge: string | null;

  /** PKCE between us and the provider. */
  @Column({ type: 'bytea' })
  encryptedVerifier: Buffer;

  @Column({ type: 'timestamptz' })
  expiresAt: Date;
}
