import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { MailPurpose } from './mail-purpose.js';

/** A mail that is requested and not sent yet, at most one of a kind per address. It does not say whether the address has an account. */
@Entity('mail_requests')
export class MailRequest {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'text' })
  purpose: MailPurpose;

  @Column({ type: 'text' })
  emailNormalised: string;

  /** Of the client that caused the mail; null if it is unknown. */
  @Column({ type: 'text', nullable: true })
  requesterAddress: string | null;

  /** Whether earlier links of this purpose become invalid when the mail is sent. */
  @Column({ type: 'boolean', default: false })
  replacesLinks: boolean;

  @Column({ type: 'timestamptz' })
  requestedAt: Date;

  @Column({ type: 'integer', default: 0 })
  attempts: number;

  /** While a mail is being sent: when another instance may retry, in case the sender crashed. */
  @Column({ type: 'timestamptz' })
  nextAttemptAt: Date;
}
