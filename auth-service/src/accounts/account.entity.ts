import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** An account of a user. E-mail address and user name are stored as they were typed, and in the canonical form in which they are unique. */
@Entity('accounts')
export class Account {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'text' })
  email: string;

  @Column({ type: 'text' })
  emailNormalised: string;

  @Column({ type: 'text' })
  username: string;

  @Column({ type: 'text' })
  usernameNormalised: string;

  /** Null: the account has no password, so its user signs in with a provider. */
  @Column({ type: 'text', nullable: true })
  passwordHash: string | null;

  /** As entered at registration. Later changes belong to profile-service. */
  @Column({ type: 'text', nullable: true })
  firstName: string | null;

  @Column({ type: 'text', nullable: true })
  lastName: string | null;

  /** How the account was created: `local` is by e-mail address and password. */
  @Column({ type: 'text', default: 'local' })
  provider: string;

  /** Null: a sign-in needs no second factor. */
  @Column({ type: 'timestamptz', nullable: true })
  totpEnabledAt: Date | null;

  /** When the owner confirmed the e-mail address; null before. */
  @Column({ type: 'timestamptz', nullable: true })
  emailVerifiedAt: Date | null;

  /**
   * Incremented when all sessions are revoked, so that a sign-in whose first factor was checked before does not create a session
   * afterwards.
   */
  @Column({ type: 'integer', default: 0 })
  sessionsEpoch: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
