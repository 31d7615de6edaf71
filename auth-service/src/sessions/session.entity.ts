import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** One sign-in on one device: a family of refresh tokens, and the access tokens that carry its id as `sid`. */
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

  /** When its newest refresh token runs out. */
  @Column({ type: 'timestamptz' })
  expiresAt: Date;

  /** Null while the session lives. */
  @Column({ type: 'timestamptz', nullable: true })
  revokedAt: Date | null;

  /** When the other services were told; null while they were not. */
  @Column({ type: 'timestamptz', nullable: true })
  revocationPublishedAt: Date | null;
}
