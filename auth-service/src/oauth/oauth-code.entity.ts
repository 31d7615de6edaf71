import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ProviderIdentity } from './providers/oauth-provider.js';

/** What the callback hands to the client instead of tokens. The account is looked for, or made, when the code is exchanged. */
@Entity('oauth_codes')
export class OAuthCode {
  @PrimaryColumn({ type: 'bytea' })
  hash: Buffer;

  @Column({ type: 'jsonb' })
  identity: ProviderIdentity;

  /** Null: the client sent none, and none may come with the code. */
  @Column({ type: 'text', nullable: true })
  codeChallenge: string | null;

  @Column({ type: 'timestamptz' })
  expiresAt: Date;
}
