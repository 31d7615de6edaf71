import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ProviderName } from './providers/oauth-provider.js';

/** Links an account to a user of a provider. It is found by provider and subject, never by the address. At most one for each provider. */
@Entity('oauth_identities')
export class OAuthIdentity {
  @PrimaryColumn({ type: 'text' })
  provider: ProviderName;

  @PrimaryColumn({ type: 'text' })
  subject: string;

  @Column({ type: 'uuid' })
  userId: string;

  /** The address at the provider when the account was linked. Shown to the user, used for nothing else. */
  @Column({ type: 'text', nullable: true })
  email: string | null;

  @Column({ type: 'timestamptz' })
  linkedAt: Date;
}
