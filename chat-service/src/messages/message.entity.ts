import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('messages')
export class Message {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  conversationId: string;

  /** Dense from 1 within the conversation. */
  @Column('int')
  seq: number;

  @Column('uuid')
  senderId: string;

  /** Unique for its sender for ever. */
  @Column('text', { nullable: true })
  clientMessageId: string | null;

  @Column('text')
  content: string;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  deletedAt: Date | null;
}
