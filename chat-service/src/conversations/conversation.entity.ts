import type { ConversationKind } from '@chat/shared/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('conversations')
export class Conversation {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  kind: ConversationKind;

  @Column('text', { nullable: true })
  title: string | null;

  /** The two people of a direct conversation, the lower id first; null for a group. */
  @Column('uuid', { nullable: true })
  directLow: string | null;

  @Column('uuid', { nullable: true })
  directHigh: string | null;

  /** Seq of the newest message. Whoever takes the next one holds the lock of this row. */
  @Column('int')
  lastSeq: number;

  @Column('timestamptz', { nullable: true })
  lastMessageAt: Date | null;

  /** One of its two people deleted the account: nobody can write to it any more. */
  @Column('boolean', { default: false })
  isClosed: boolean;

  @Column('uuid')
  createdBy: string;

  @Column('timestamptz')
  createdAt: Date;
}
