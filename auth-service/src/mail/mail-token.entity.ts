import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { LinkPurpose } from './mail-purpose.js';

/** A link that was sent and is not used yet. */
@Entity('mail_tokens')
export class MailToken {
  /** SHA-256; the token itself is only in the mail. */
  @PrimaryColumn({ type: 'bytea' })
  hash: Buffer;

  @Column({ type: 'uuid' })
  userId: string;

  @Column({ type: 'text' })
  purpose: LinkPurpose;

  @Column({ type: 'timestamptz' })
  expiresAt: Date;
}
