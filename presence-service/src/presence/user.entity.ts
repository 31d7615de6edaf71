import type { PresenceStatus } from '@chat/shared/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What outlasts the leases: the status that a user chose, when the user was last seen, and what was published last. */
@Entity('users')
export class UserEntity {
  @PrimaryColumn('uuid')
  userId: string;

  @Column('text', { default: 'ONLINE' })
  chosenStatus: PresenceStatus;

  @Column('boolean', { default: true })
  isPublic: boolean;

  /** At the last evaluation a lease was valid, or the grace period had not passed. */
  @Column('boolean', { default: false })
  present: boolean;

  /** While present: the end of the last lease. Null while a lease is valid. */
  @Column('timestamptz', { nullable: true })
  leftAt: Date | null;

  @Column('timestamptz', { nullable: true })
  lastSeenAt: Date | null;

  /** The status in the last published change. */
  @Column('text', { default: 'OFFLINE' })
  publishedStatus: PresenceStatus;

  @Column('boolean', { default: true })
  publishedIsPublic: boolean;
}
