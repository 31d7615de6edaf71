/** A time as the events and the API write it: RFC 3339, milliseconds, UTC. */
export const RFC3339 = `
create function rfc3339(p_time timestamptz) returns text
language sql stable as $$
  select to_char(p_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$`;

/** The payload of MessageCreated (shared/src/events/schemas). */
export const MESSAGE_CREATED = `
create function message_created(
  p_message_id uuid, p_conversation_id uuid, p_seq int, p_sender_id uuid, p_receiver_id uuid, p_content text, p_client_message_id text, p_sent_at text
) returns text
language sql stable as $$
  select json_build_object('messageId', p_message_id, 'conversationId', p_conversation_id, 'seq', p_seq, 'senderId', p_sender_id,
    'receiverId', p_receiver_id, 'content', p_content, 'clientMessageId', p_client_message_id, 'createdAt', p_sent_at)::text
$$`;
