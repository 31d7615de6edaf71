-- For the processes of a build before, which call these during an update: the functions without attachments, and those without replies and mentions.
create or replace function store_message(
  p_conversation_id uuid, p_sender_id uuid, p_client_message_id text, p_message_id uuid, p_content text,
  p_reply_to_id uuid, p_mentions uuid[], p_event_id uuid, p_correlation_id text, p_traceparent text
) returns table (outcome text, message_id uuid, conversation_id uuid, seq int, receiver_id uuid, sent_at text)
language plpgsql as $$
begin
  return query select * from store_message(
    p_conversation_id, p_sender_id, p_client_message_id, p_message_id, p_content, p_reply_to_id, p_mentions,
    p_event_id, p_correlation_id, p_traceparent, null::uuid[]);
end $$;

create or replace function store_message_to_user(
  p_receiver_id uuid, p_sender_id uuid, p_client_message_id text, p_message_id uuid, p_content text,
  p_reply_to_id uuid, p_mentions uuid[], p_event_id uuid, p_correlation_id text, p_traceparent text,
  p_new_conversation_id uuid, p_conversation_event_id uuid, p_has_membership_record boolean
) returns table (outcome text, message_id uuid, conversation_id uuid, seq int, receiver_id uuid, sent_at text)
language plpgsql as $$
begin
  return query select * from store_message_to_user(
    p_receiver_id, p_sender_id, p_client_message_id, p_message_id, p_content, p_reply_to_id, p_mentions,
    p_event_id, p_correlation_id, p_traceparent, p_new_conversation_id, p_conversation_event_id, p_has_membership_record, null::uuid[]);
end $$;

create or replace function store_message(
  p_conversation_id uuid, p_sender_id uuid, p_client_message_id text, p_message_id uuid, p_content text,
  p_event_id uuid, p_correlation_id text, p_traceparent text
) returns table (outcome text, message_id uuid, conversation_id uuid, seq int, receiver_id uuid, sent_at text)
language plpgsql as $$
begin
  return query select * from store_message(
    p_conversation_id, p_sender_id, p_client_message_id, p_message_id, p_content, null::uuid, null::uuid[],
    p_event_id, p_correlation_id, p_traceparent);
end $$;

create or replace function store_messages(
  p_conversation_ids uuid[], p_sender_ids uuid[], p_client_message_ids text[], p_message_ids uuid[], p_contents text[],
  p_event_ids uuid[], p_correlation_ids text[], p_traceparents text[]
) returns table (item int, outcome text, message_id uuid, conversation_id uuid, seq int, receiver_id uuid, sent_at text)
language plpgsql as $$
begin
  return query select * from store_messages(
    p_conversation_ids, p_sender_ids, p_client_message_ids, p_message_ids, p_contents,
    array_fill(null::uuid, array[cardinality(p_contents)]), array_fill(null::text, array[cardinality(p_contents)]),
    p_event_ids, p_correlation_ids, p_traceparents);
end $$;

create or replace function store_message_to_user(
  p_receiver_id uuid, p_sender_id uuid, p_client_message_id text, p_message_id uuid, p_content text,
  p_event_id uuid, p_correlation_id text, p_traceparent text, p_new_conversation_id uuid, p_conversation_event_id uuid,
  p_has_membership_record boolean
) returns table (outcome text, message_id uuid, conversation_id uuid, seq int, receiver_id uuid, sent_at text)
language plpgsql as $$
begin
  return query select * from store_message_to_user(
    p_receiver_id, p_sender_id, p_client_message_id, p_message_id, p_content, null::uuid, null::uuid[],
    p_event_id, p_correlation_id, p_traceparent, p_new_conversation_id, p_conversation_event_id, p_has_membership_record);
end $$;

-- That of the build before is called no more, as the functions that called it are above.
drop function if exists is_same_send(messages, text, uuid, uuid[]);
