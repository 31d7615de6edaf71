import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { MailPurpose } from './mail-purpose.js';

/** A mail that somebody asked for and that is not sent yet; one of a kind for each address. Whether the address has an account is not known here. */
@Entity('mail_requests')
export class MailRequest {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'text' })
  purpose: MailPurpose;

  @Column({ type: 'text' })
  emailNormalised: string;

  @Column({ type: 'timestamptz' })
  requestedAt: Date;

  @Column({ type: 'integer', default: 0 })
  attempts: number;

  /** While a mail is being sent: when another may try, should the sender have died. */
  @Column({ type: 'timestamptz' })
  nextAttemptAt: Date;
}
