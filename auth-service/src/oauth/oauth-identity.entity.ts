import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ProviderName } from './providers/oauth-provider.js';

/** Who an account is at a provider: it is found by provider and subject, whatever becomes of the addresses. One of each provider. */
@Entity('oauth_identities')
export class OAuthIdentity {
  @PrimaryColumn({ type: 'text' })
  provider: ProviderName;

  @PrimaryColumn({ type: 'text' })
  subject: string;

  @Column({ type: 'uuid' })
  userId: string;

  /** As the provider gave it when it was linked; shown to its owner. */
  @Column({ type: 'text', nullable: true })
  email: string | null;

  @Column({ type: 'timestamptz' })
  linkedAt: Date;
}
