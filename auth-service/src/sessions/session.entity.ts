import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A session: one sign-in on one device, with its family of refresh tokens and the access tokens that have its id as `sid`. */
@Entity('sessions')
export class Session {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'uuid' })
  userId: string;

  @Column({ type: 'text', nullable: true })
  userAgent: string | null;

  @Column({ type: 'inet', nullable: true })
  ipAddress: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @Column({ type: 'timestamptz' })
  lastUsedAt: Date;

  /** When its newest refresh token expires. */
  @Column({ type: 'timestamptz' })
  expiresAt: Date;

  /** Null while the session is active. */
  @Column({ type: 'timestamptz', nullable: true })
  revokedAt: Date | null;

  /** When the revocation was published; null before. */
  @Column({ type: 'timestamptz', nullable: true })
  revocationPublishedAt: Date | null;
}
