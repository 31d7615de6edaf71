import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { LinkPurpose } from './mail-purpose.js';

/** The one link of a kind that is good for an account at present. */
@Entity('mail_tokens')
export class MailToken {
  @PrimaryColumn({ type: 'uuid' })
  userId: string;

  @PrimaryColumn({ type: 'text' })
  purpose: LinkPurpose;

  /** SHA-256; the token itself is in the mail only. */
  @Column({ type: 'bytea' })
  hash: Buffer;

  @Column({ type: 'timestamptz' })
  expiresAt: Date;
}
