import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What an account's authenticator app computes its codes from. In use once the account has `totpEnabledAt`; until then it waits to be confirmed. */
@Entity('totp_secrets')
export class TotpSecret {
  @PrimaryColumn({ type: 'uuid' })
  userId: string;

  /** AES-256-GCM, bound to the user id. */
  @Column({ type: 'bytea' })
  encryptedSecret: Buffer;

  @Column({ type: 'timestamptz' })
  createdAt: Date;

  /** The newest step whose code was used: codes of it and of older ones are spent. */
  @Column({ type: 'int', default: 0 })
  lastUsedStep: number;

  /** Wrong codes since the last right one. */
  @Column({ type: 'int', default: 0 })
  failedCodes: number;

  @Column({ type: 'timestamptz', nullable: true })
  lastFailedAt: Date | null;
}
