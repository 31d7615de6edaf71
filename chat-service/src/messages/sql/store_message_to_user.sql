-- Stores the first message to a user and creates the conversation, in one transaction; the service has checked that the receiver exists.
-- Returns what store_message returns. A key that was used before is checked first, so that a retry or a misuse of it creates no conversation. A wrong
-- reply, mention or attachment creates none, either: in a new conversation there is no message to reply to.
create or replace function store_message_to_user(
  p_receiver_id uuid, p_sender_id uuid, p_client_message_id text, p_message_id uuid, p_content text,
  p_reply_to_id uuid, p_mentions uuid[], p_event_id uuid, p_correlation_id text, p_traceparent text,
  p_new_conversation_id uuid, p_conversation_event_id uuid,
  p_has_membership_record boolean, p_attachment_ids uuid[]
) returns table (outcome text, message_id uuid, conversation_id uuid, seq int, receiver_id uuid, sent_at text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_prior record;
  v_conversation_id uuid;
  v_refusal text;
begin
  if p_client_message_id is not null then
    select p.id, p.conversation_id, is_same_send(p, p_content, p_reply_to_id, p_mentions, p_attachment_ids)
        and c.direct_low = least(p_sender_id, p_receiver_id) and c.direct_high = greatest(p_sender_id, p_receiver_id) as same
      into v_prior
      from messages p join conversations c on c.id = p.conversation_id
      where p.sender_id = p_sender_id and p.client_message_id = p_client_message_id;
    if found then
      return query select case when v_prior.same then 'repeated' else 'conflict' end,
        v_prior.id, v_prior.conversation_id, null::int, null::uuid, null::text;
      return;
    end if;
  end if;

  if p_reply_to_id is not null or not coalesce(p_mentions, '{}') <@ array[p_sender_id, p_receiver_id] then
    return query select case when p_reply_to_id is null then 'no-such-member' else 'no-reply-target' end,
      null::uuid, null::uuid, null::int, null::uuid, null::text;
    return;
  end if;

  -- Under these locks, attaching them cannot fail when the conversation was created.
  if p_attachment_ids is not null then
    v_refusal := lock_uploads(p_sender_id, p_attachment_ids);
    if v_refusal is not null then
      return query select v_refusal, null::uuid, null::uuid, null::int, null::uuid, null::text;
      return;
    end if;
  end if;

  v_conversation_id := find_or_create_direct_conversation(
    p_sender_id, p_receiver_id, p_new_conversation_id, p_conversation_event_id, p_correlation_id, p_traceparent,
    p_has_membership_record);
  if v_conversation_id is null then
    return query select case when is_blocked_pair(p_sender_id, p_receiver_id) then 'blocked' else 'closed' end,
      null::uuid, null::uuid, null::int, null::uuid, null::text;
    return;
  end if;
  return query select * from store_message(
    v_conversation_id, p_sender_id, p_client_message_id, p_message_id, p_content, p_reply_to_id, p_mentions,
    p_event_id, p_correlation_id, p_traceparent, p_attachment_ids);
end $$;
