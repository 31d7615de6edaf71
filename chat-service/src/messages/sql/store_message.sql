-- Stores one message. p_attachment_ids: uploads of the sender, each once; null for none.
--
-- The statements after the lock see everything that was committed before the lock was granted: the members, the used keys, the next seq.
-- (Within one statement the snapshot would be older than the lock, and a member that was removed a moment ago could still send.)
--
-- It waits for no lock of another transaction: then the outcome is 'locked', and nothing is stored.
--
-- Returns no row when there is no such conversation or the sender is not a member; else one row with the outcome
-- 'stored', 'repeated' (same key, same conversation and is_same_send), 'conflict' (the key was used for another message),
-- 'closed' (the other user deleted the account), 'blocked' (one of the two users has blocked the other), 'no-reply-target' (the conversation has no
-- such message), 'no-such-member' (a mention), 'no-attachment' (lock_uploads) or 'locked'.
create or replace function store_message(
  p_conversation_id uuid, p_sender_id uuid, p_client_message_id text, p_message_id uuid, p_content text,
  p_reply_to_id uuid, p_mentions uuid[], p_event_id uuid, p_correlation_id text, p_traceparent text, p_attachment_ids uuid[]
) returns table (outcome text, message_id uuid, conversation_id uuid, seq int, receiver_id uuid, sent_at text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_conversation record;
  v_prior record;
  v_seq int;
  v_receiver_id uuid;
  v_now timestamptz;
  v_sent_at text;
  v_due_at timestamptz;
  v_refusal text;
  v_attachments jsonb;
  v_payload text;
begin
  -- is_deleted: the deletion of one of the users has not come to this conversation yet. One that is recorded after this statement has begun
  -- comes to it after this transaction, and replaces what this stores.
  select c.last_seq, c.last_message_at, c.direct_low, c.direct_high, c.is_closed, c.is_blocked, m.last_read_seq, m.joined_seq,
      exists (select 1 from user_deletions d where d.user_id in (p_sender_id, c.direct_low, c.direct_high)) as is_deleted into v_conversation
    from conversations c join members m on m.conversation_id = c.id and m.user_id = p_sender_id
    where c.id = p_conversation_id for no key update of c, m skip locked;
  if not found then
    return query select 'locked', null::uuid, p_conversation_id, null::int, null::uuid, null::text
      from members m where m.conversation_id = p_conversation_id and m.user_id = p_sender_id;
    return;
  end if;

  -- In a group, a deleted user is not a member.
  if v_conversation.is_deleted and v_conversation.direct_low is null then return; end if;

  if p_client_message_id is not null then
    select p.id, p.conversation_id, is_same_send(p, p_content, p_reply_to_id, p_mentions, p_attachment_ids) as same into v_prior
      from messages p where p.sender_id = p_sender_id and p.client_message_id = p_client_message_id;
    if found then
      return query select
        case when v_prior.conversation_id = p_conversation_id and v_prior.same then 'repeated' else 'conflict' end,
        v_prior.id, v_prior.conversation_id, null::int, null::uuid, null::text;
      return;
    end if;
  end if;

  if v_conversation.is_closed or v_conversation.is_deleted then
    return query select 'closed', null::uuid, p_conversation_id, null::int, null::uuid, null::text;
    return;
  end if;

  if v_conversation.is_blocked then
    return query select 'blocked', null::uuid, p_conversation_id, null::int, null::uuid, null::text;
    return;
  end if;

  if p_reply_to_id is not null
    and not exists (
      select 1 from messages r
        where r.id = p_reply_to_id and r.conversation_id = p_conversation_id and r.seq > v_conversation.joined_seq) then
    return query select 'no-reply-target', null::uuid, p_conversation_id, null::int, null::uuid, null::text;
    return;
  end if;
  if p_mentions is not null and (
      select count(*) from members m where m.conversation_id = p_conversation_id and m.user_id = any (p_mentions)) < cardinality(p_mentions) then
    return query select 'no-such-member', null::uuid, p_conversation_id, null::int, null::uuid, null::text;
    return;
  end if;

  if p_attachment_ids is not null then
    v_refusal := lock_uploads(p_sender_id, p_attachment_ids);
    if v_refusal is not null then
      return query select v_refusal, null::uuid, p_conversation_id, null::int, null::uuid, null::text;
      return;
    end if;
    v_attachments := attach_uploads(p_attachment_ids, p_conversation_id, p_message_id);
  end if;

  v_seq := v_conversation.last_seq + 1;
  v_now := greatest(date_trunc('milliseconds', clock_timestamp()), v_conversation.last_message_at);
  v_sent_at := rfc3339(v_now);
  v_receiver_id := case when v_conversation.direct_low = p_sender_id then v_conversation.direct_high else v_conversation.direct_low end;

  update conversations c set last_seq = v_seq, last_message_at = v_now where c.id = p_conversation_id;
  insert into messages (id, conversation_id, seq, sender_id, client_message_id, content, created_at, reply_to_id, mentions, attachments)
    values (p_message_id, p_conversation_id, v_seq, p_sender_id, p_client_message_id, p_content, v_now, p_reply_to_id, p_mentions, v_attachments);
  -- Sending marks everything before as read.
  update members m set last_read_seq = v_seq, last_delivered_seq = v_seq, unread_deleted = 0
    where m.conversation_id = p_conversation_id and m.user_id = p_sender_id;
  if v_seq > v_conversation.last_read_seq + 1 then
    insert into read_receipt_history (conversation_id, user_id, seq, read_at) values (p_conversation_id, p_sender_id, v_seq, v_now);
    -- The time is that of the next event of a large group: see store_messages.
    if not exists (select 1 from pending_receipt_events p where p.conversation_id = p_conversation_id and p.user_id = p_sender_id) then
      select greatest(s.next_at, now()) into v_due_at
        from receipt_event_spacing s where s.conversation_id = p_conversation_id for no key update skip locked;
      if found then
        update receipt_event_spacing s set next_at = v_due_at + receipt_event_step(p_conversation_id) where s.conversation_id = p_conversation_id;
      end if;
      insert into pending_receipt_events (conversation_id, user_id, due_at)
        values (p_conversation_id, p_sender_id, coalesce(v_due_at, now())) on conflict do nothing;
    end if;
  end if;
  v_payload := message_created_payload(p_message_id, p_conversation_id, v_seq, p_sender_id, v_receiver_id, p_content, p_client_message_id, v_sent_at,
    p_reply_to_id, coalesce(p_mentions, '{}'));
  -- Without attachments, the payload does not have them: they have a default.
  if v_attachments is not null then v_payload := (v_payload::jsonb || jsonb_build_object('attachments', v_attachments))::text; end if;
  insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
    values ('chat.conversation', p_conversation_id, 'MessageCreated', p_event_id, v_payload, p_correlation_id, p_traceparent);

  return query select 'stored', p_message_id, p_conversation_id, v_seq, v_receiver_id, v_sent_at;
end $$;
