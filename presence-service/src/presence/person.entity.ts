import type { PresenceStatus } from '@chat/shared/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What outlives the leases: what a person chose, when they were last seen, and what the others were told last. */
@Entity('people')
export class PersonEntity {
  @PrimaryColumn('uuid')
  userId: string;

  @Column('text', { default: 'ONLINE' })
  chosenStatus: PresenceStatus;

  @Column('boolean', { default: true })
  isPublic: boolean;

  /** As of the last look: a lease lived, or had ended less than the grace ago. */
  @Column('boolean', { default: false })
  present: boolean;

  /** While present: when the last lease ended. Null while one lives. */
  @Column('timestamptz', { nullable: true })
  leftAt: Date | null;

  @Column('timestamptz', { nullable: true })
  lastSeenAt: Date | null;

  /** What the last published change said. */
  @Column('text', { default: 'OFFLINE' })
  announcedStatus: PresenceStatus;

  @Column('boolean', { default: true })
  announcedIsPublic: boolean;
}
