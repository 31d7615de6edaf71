import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A member's last_read_seq passed messages of others. The first step at or above a seq says when it was read. */
@Entity('receipt_steps')
export class ReceiptStep {
  @PrimaryColumn('uuid')
  conversationId: string;

  @PrimaryColumn('uuid')
  userId: string;

  @PrimaryColumn('int')
  seq: number;

  @Column('timestamptz')
  readAt: Date;
}
