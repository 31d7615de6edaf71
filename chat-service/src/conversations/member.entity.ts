import type { MemberRole } from '@chat/shared/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('members')
export class Member {
  @PrimaryColumn('uuid')
  conversationId: string;

  @PrimaryColumn('uuid')
  userId: string;

  @Column('text')
  role: MemberRole;

  /** Everything up to here is read; only ever forward, and never below the member's own newest message. */
  @Column('int')
  lastReadSeq: number;

  /** Everything up to here reached a device; what is read has. */
  @Column('int')
  lastDeliveredSeq: number;

  @Column('timestamptz')
  joinedAt: Date;
}
