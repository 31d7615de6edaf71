import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SignInMethod } from './sign-in-origin.js';

/** A sign-in whose first factor was right and whose second is awaited. Its token is known by its hash only. */
@Entity('sign_in_challenges')
export class SignInChallenge {
  /** SHA-256. */
  @PrimaryColumn({ type: 'bytea' })
  tokenHash: Buffer;

  @Column({ type: 'uuid' })
  userId: string;

  @Column({ type: 'text' })
  method: SignInMethod;

  /** Of the account when the first factor was shown. */
  @Column({ type: 'int' })
  sessionsEpoch: number;

  /** Of the one-time code that it began with; null: it began otherwise. */
  @Column({ type: 'bytea', nullable: true })
  oauthCodeHash: Buffer | null;

  @Column({ type: 'int', default: 0 })
  failedCodes: number;

  @Column({ type: 'timestamptz' })
  expiresAt: Date;
}
