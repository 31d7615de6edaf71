import type { EventPayloads } from '@chat/shared/events';
import type { CommittedRows } from '@chat/shared/outbox';

/**
 * MessageCreated happens when a message is committed: published in the order of seq within its conversation. The functions that store messages
 * write it, as only they know seq and time, so its builder is SQL: sql/message_created_payload.sql. This is its list of fields, each with the
 * parameter that fills it; `attachments` is only there if the message has some (sql/store_message.sql). A field that is added to the event does not compile until it is here, and the unit test compares the SQL with this list.
 */
export const MESSAGE_CREATED_FIELDS: Record<Exclude<keyof EventPayloads['MessageCreated'], 'attachments'>, string> = {
  messageId: 'p_message_id',
  conversationId: 'p_conversation_id',
  seq: 'p_seq',
  senderId: 'p_sender_id',
  receiverId: 'p_receiver_id',
  content: 'p_content',
  clientMessageId: 'p_client_message_id',
  createdAt: 'p_sent_at',
  replyToId: 'p_reply_to_id',
  mentions: 'p_mentions',
};

/** What the functions return of a stored message. */
export interface StoredMessage {
  message_id: string;
  conversation_id: string;
  seq: number;
  receiver_id: string | null;
  sent_at: string;
}

/** What the sender has sent. */
export interface SentMessage {
  sender: { userId: string };
  content: string;
  replyToId: string | null;
  mentions: string[] | null;
  clientMessageId: string | null;
  correlationId: string | null;
  traceparent: string | null;
}

/** The outbox row that the functions have written for a message without attachments, so that the relay need not read it. */
export function messageCreatedRow(stored: StoredMessage, sent: SentMessage): CommittedRows['rows'][number] {
  const payload: Omit<EventPayloads['MessageCreated'], 'attachments'> = {
    messageId: stored.message_id,
    conversationId: stored.conversation_id,
    seq: stored.seq,
    senderId: sent.sender.userId,
    receiverId: stored.receiver_id,
    content: sent.content,
    clientMessageId: sent.clientMessageId,
    createdAt: stored.sent_at,
    replyToId: sent.replyToId,
    mentions: sent.mentions ?? [],
  };
  const { correlationId, traceparent } = sent;
  const createdAt = new Date(stored.sent_at);
  return {
    topic: 'chat.conversation',
    key: stored.conversation_id,
    type: 'MessageCreated',
    eventId: stored.message_id,
    payload: JSON.stringify(payload),
    correlationId,
    traceparent,
    createdAt,
  };
}
