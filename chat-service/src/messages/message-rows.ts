import type { ChatMessage, MessageStatus } from '@chat/shared/contracts';
import { JOIN_RECEIPT } from '../receipts/receipt-sql.js';

/** Every read of messages begins with this: `m` is the message, `c` its conversation. */
export const SELECT_MESSAGES = `
select m.id, m.conversation_id, m.seq, m.sender_id, m.content, m.client_message_id, m.created_at, m.deleted_at, receipt.status, receipt.read_at,
    case when c.direct_low = m.sender_id then c.direct_high else c.direct_low end as receiver_id
  from messages m
  join conversations c on c.id = m.conversation_id ${JOIN_RECEIPT}`;

export interface MessageRow {
  id: string;
  conversation_id: string;
  seq: number;
  sender_id: string;
  receiver_id: string | null;
  content: string;
  client_message_id: string | null;
  created_at: Date;
  deleted_at: Date | null;
  status: MessageStatus;
  read_at: Date | null;
}

export function toChatMessage(row: MessageRow): ChatMessage {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    seq: row.seq,
    senderId: row.sender_id,
    receiverId: row.receiver_id,
    content: row.content,
    clientMessageId: row.client_message_id,
    status: row.status,
    createdAt: row.created_at.toISOString(),
    deletedAt: row.deleted_at?.toISOString() ?? null,
    readAt: row.read_at?.toISOString() ?? null,
  };
}
