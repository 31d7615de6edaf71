import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SignInMethod } from './sign-in-origin.js';

/** A sign-in after its first factor, which waits for the second. Its token is stored as a hash. */
@Entity('sign_in_challenges')
export class SignInChallenge {
  /** SHA-256. */
  @PrimaryColumn({ type: 'bytea' })
  tokenHash: Buffer;

  @Column({ type: 'uuid' })
  userId: string;

  @Column({ type: 'text' })
  method: SignInMethod;

  /** Of the account when the first factor was checked. */
  @Column({ type: 'int' })
  sessionsEpoch: number;

  /** The hash of the one-time code of OAuth that started it; null for another first factor. */
  @Column({ type: 'bytea', nullable: true })
  oauthCodeHash: Buffer | null;

  @Column({ type: 'int', default: 0 })
  failedCodes: number;

  @Column({ type: 'timestamptz' })
  expiresAt: Date;
}
