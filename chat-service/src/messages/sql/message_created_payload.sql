-- The payload of MessageCreated. The fields belong to messages.events.ts, whose unit test compares this text with them. `p_mentions` is not null.
create or replace function message_created_payload(
  p_message_id uuid, p_conversation_id uuid, p_seq int, p_sender_id uuid, p_receiver_id uuid, p_content text, p_client_message_id text, p_sent_at text,
  p_reply_to_id uuid, p_mentions uuid[]
) returns text
language sql stable as $$
  select json_build_object('messageId', p_message_id, 'conversationId', p_conversation_id, 'seq', p_seq, 'senderId', p_sender_id,
    'receiverId', p_receiver_id, 'content', p_content, 'clientMessageId', p_client_message_id, 'createdAt', p_sent_at,
    'replyToId', p_reply_to_id, 'mentions', p_mentions)::text
$$;
