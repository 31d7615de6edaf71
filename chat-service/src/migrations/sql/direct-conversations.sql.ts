/**
 * The direct conversation of two people: the one there is, or a new one with its ConversationCreated in the outbox.
 * Of several that try at once one makes it; the others wait for its commit and then find it.
 */
export const OPEN_DIRECT_CONVERSATION = `
create function open_direct_conversation(
  p_creator_id uuid, p_other_id uuid, p_conversation_id uuid, p_event_id uuid, p_correlation_id text, p_traceparent text
) returns uuid
language plpgsql as $$
declare
  v_low uuid := least(p_creator_id, p_other_id);
  v_high uuid := greatest(p_creator_id, p_other_id);
  v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
begin
  insert into conversations (id, kind, direct_low, direct_high, created_by, created_at)
    values (p_conversation_id, 'DIRECT', v_low, v_high, p_creator_id, v_now)
    on conflict (direct_low, direct_high) do nothing;
  if not found then
    return (select c.id from conversations c where c.direct_low = v_low and c.direct_high = v_high);
  end if;

  insert into members (conversation_id, user_id, role, joined_at)
    values (p_conversation_id, v_low, 'MEMBER', v_now), (p_conversation_id, v_high, 'MEMBER', v_now);
  insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
    values ('chat.conversation', p_conversation_id, 'ConversationCreated', p_event_id,
      json_build_object('conversationId', p_conversation_id, 'kind', 'DIRECT', 'title', null,
        'members', json_build_array(json_build_object('userId', v_low, 'role', 'MEMBER'), json_build_object('userId', v_high, 'role', 'MEMBER')),
        'createdBy', p_creator_id, 'createdAt', rfc3339(v_now)),
      p_correlation_id, p_traceparent);
  return p_conversation_id;
end $$`;

/**
 * The first message to a person, with the conversation it makes, in one transaction.
 * A key that was used before is looked at first: its repetition or misuse must not make a conversation.
 */
export const SEND_FIRST_MESSAGE = `
create function send_first_message(
  p_receiver_id uuid, p_sender_id uuid, p_client_message_id text, p_message_id uuid, p_content text,
  p_event_id uuid, p_correlation_id text, p_traceparent text, p_new_conversation_id uuid, p_conversation_event_id uuid
) returns table (outcome text, message_id uuid, conversation_id uuid, seq int, receiver_id uuid, sent_at text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_prior record;
  v_conversation_id uuid;
begin
  if p_client_message_id is not null then
    select p.id, p.conversation_id, p.content = p_content
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

  v_conversation_id := open_direct_conversation(
    p_sender_id, p_receiver_id, p_new_conversation_id, p_conversation_event_id, p_correlation_id, p_traceparent);
  return query select * from send_message(
    v_conversation_id, p_sender_id, p_client_message_id, p_message_id, p_content, p_event_id, p_correlation_id, p_traceparent);
end $$`;
