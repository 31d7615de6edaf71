import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Somebody who can sign in. E-mail and user name are kept as they were written, and beside it in the form in which they are unique. */
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

  /** Null: this account has no password, and cannot sign in with one. */
  @Column({ type: 'text', nullable: true })
  passwordHash: string | null;

  /** As given at registration. From then on names are profile-service's. */
  @Column({ type: 'text', nullable: true })
  firstName: string | null;

  @Column({ type: 'text', nullable: true })
  lastName: string | null;

  /** What the account was made with: `local` is e-mail and password. */
  @Column({ type: 'text', default: 'local' })
  provider: string;

  /** Null: signing in needs no second factor. */
  @Column({ type: 'timestamptz', nullable: true })
  totpEnabledAt: Date | null;

  /** When its owner has shown that the e-mail address is theirs; null while they have not. */
  @Column({ type: 'timestamptz', nullable: true })
  emailVerifiedAt: Date | null;

  /** Goes up whenever all sessions are ended: a sign-in that was proven before does not become a session after. */
  @Column({ type: 'integer', default: 0 })
  sessionsEpoch: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
