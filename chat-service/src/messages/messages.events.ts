import type { EventPayloads } from '@chat/shared/events';

/**
 * MessageCreated happens when a message is committed: published in the order of seq within its conversation. The functions that store messages
 * write it, as only they know seq and time, so its builder is SQL: sql/message_created_payload.sql. This is its list of fields, each with the
 * parameter that fills it. A field that is added to the event does not compile until it is here, and the unit test compares the SQL with this list.
 */
export const MESSAGE_CREATED_FIELDS: Record<keyof EventPayloads['MessageCreated'], string> = {
  messageId: 'p_message_id',
  conversationId: 'p_conversation_id',
  seq: 'p_seq',
  senderId: 'p_sender_id',
  receiverId: 'p_receiver_id',
  content: 'p_content',
  clientMessageId: 'p_client_message_id',
  createdAt: 'p_sent_at',
};
