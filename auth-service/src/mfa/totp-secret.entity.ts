import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The secret of an authenticator app. It is in use once the account has `totpEnabledAt`; before that, the enrolment is not confirmed. */
@Entity('totp_secrets')
export class TotpSecret {
  @PrimaryColumn({ type: 'uuid' })
  userId: string;

  /** AES-256-GCM, bound to the user id. */
  @Column({ type: 'bytea' })
  encryptedSecret: Buffer;

  @Column({ type: 'timestamptz' })
  createdAt: Date;

  /** The newest step whose code was used: its code and those of older steps are refused. */
  @Column({ type: 'int', default: 0 })
  lastUsedStep: number;

  /** Wrong codes since the last valid one. */
  @Column({ type: 'int', default: 0 })
  failedCodes: number;

  @Column({ type: 'timestamptz', nullable: true })
  lastFailedAt: Date | null;
}
