import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ProviderIdentity } from './providers/oauth-provider.js';

/** The code that a client gets instead of tokens. The account is found or created when the code is exchanged. */
@Entity('oauth_codes')
export class OAuthCode {
  @PrimaryColumn({ type: 'bytea' })
  hash: Buffer;

  @Column({ type: 'jsonb' })
  identity: ProviderIdentity;

  /** Null: the client sent none, and must send no verifier with the code. */
  @Column({ type: 'text', nullable: true })
  codeChallenge: string | null;

  @Column({ type: 'timestamptz' })
  expiresAt: Date;
}
