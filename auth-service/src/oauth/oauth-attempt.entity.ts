import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ProviderName } from './providers/oauth-provider.js';

export const PLATFORMS = ['web', 'mobile'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** A sign-in on its way through a provider. State and browser secret are kept hashed; nonce and verifier are derived from the state. */
@Entity('oauth_attempts')
export class OAuthAttempt {
  @PrimaryColumn({ type: 'bytea' })
  stateHash: Buffer;

  /** Of the secret in the browser's cookie: the callback must come from the browser that began. */
  @Column({ type: 'bytea' })
  browserHash: Buffer;

  @Column({ type: 'text' })
  provider: ProviderName;

  @Column({ type: 'text' })
  platform: Platform;

  /** PKCE between the client and us. */
  @Column({ type: 'text', nullable: true })
  codeChallenge: string | null;

  @Column({ type: 'timestamptz' })
  expiresAt: Date;
}
