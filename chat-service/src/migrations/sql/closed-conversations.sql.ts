/**
 * One message. The statements after the lock see everything that was committed before it was granted: who is a member,
 * which keys are used, which seq is next. (Within one statement the snapshot would be older than the lock, and a member
 * removed a moment ago could still write.)
 *
 * Gives no row when there is no such conversation or the sender is not in it; else one with outcome
 * `stored`, `repeated` (same key, same conversation and content), `conflict` (the key was used for something else) or
 * `closed` (the other person deleted the account).
 */
export const SEND_MESSAGE = `
create or replace function send_message(
  p_conversation_id uuid, p_sender_id uuid, p_client_message_id text, p_message_id uuid, p_content text,
  p_event_id uuid, p_correlation_id text, p_traceparent text
) returns table (outcome text, message_id uuid, conversation_id uuid, seq int, receiver_id uuid, sent_at text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_conversation record;
  v_prior record;
  v_last_read_seq int;
  v_seq int;
  v_receiver_id uuid;
  v_now timestamptz;
  v_sent_at text;
begin
  select c.last_seq, c.last_message_at, c.direct_low, c.direct_high, c.is_closed into v_conversation
    from conversations c where c.id = p_conversation_id for no key update;
  if not found then return; end if;

  select m.last_read_seq into v_last_read_seq
    from members m where m.conversation_id = p_conversation_id and m.user_id = p_sender_id;
  if not found then return; end if;

  if p_client_message_id is not null then
    select p.id, p.conversation_id, p.content into v_prior
      from messages p where p.sender_id = p_sender_id and p.client_message_id = p_client_message_id;
    if found then
      return query select
        case when v_prior.conversation_id = p_conversation_id and v_prior.content = p_content then 'repeated' else 'conflict' end,
        v_prior.id, v_prior.conversation_id, null::int, null::uuid, null::text;
      return;
    end if;
  end if;

  if v_conversation.is_closed then
    return query select 'closed', null::uuid, p_conversation_id, null::int, null::uuid, null::text;
    return;
  end if;

  v_seq := v_conversation.last_seq + 1;
  v_now := greatest(date_trunc('milliseconds', clock_timestamp()), v_conversation.last_message_at);
  v_sent_at := rfc3339(v_now);
  v_receiver_id := case when v_conversation.direct_low = p_sender_id then v_conversation.direct_high else v_conversation.direct_low end;

  update conversations c set last_seq = v_seq, last_message_at = v_now where c.id = p_conversation_id;
  insert into messages (id, conversation_id, seq, sender_id, client_message_id, content, created_at)
    values (p_message_id, p_conversation_id, v_seq, p_sender_id, p_client_message_id, p_content, v_now);
  -- Sending reads everything before it.
  update members m set last_read_seq = v_seq, last_delivered_seq = v_seq
    where m.conversation_id = p_conversation_id and m.user_id = p_sender_id;
  if v_seq > v_last_read_seq + 1 then
    insert into receipt_steps (conversation_id, user_id, seq, read_at) values (p_conversation_id, p_sender_id, v_seq, v_now);
    insert into unannounced_receipts (conversation_id, user_id) values (p_conversation_id, p_sender_id) on conflict do nothing;
  end if;
  insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
    values ('chat.conversation', p_conversation_id, 'MessageCreated', p_event_id,
      message_created(p_message_id, p_conversation_id, v_seq, p_sender_id, v_receiver_id, p_content, p_client_message_id, v_sent_at),
      p_correlation_id, p_traceparent);

  return query select 'stored', p_message_id, p_conversation_id, v_seq, v_receiver_id, v_sent_at;
end $$`;

/**
 * Many messages in one transaction: send_message for arrays, item by item in order. The rows of the conversations are
 * locked in the order of their ids, so that two batches cannot wait for each other.
 *
 * Gives one row per item, numbered from 1; an item without a row has no such conversation, or its sender is not in it.
 * The same key must not be twice in one batch. Outbox rows are in the order of the items: within a conversation, of seq.
 */
export const SEND_MESSAGES = `
create or replace function send_messages(
  p_conversation_ids uuid[], p_sender_ids uuid[], p_client_message_ids text[], p_message_ids uuid[], p_contents text[],
  p_event_ids uuid[], p_correlation_ids text[], p_traceparents text[]
) returns table (item int, outcome text, message_id uuid, conversation_id uuid, seq int, receiver_id uuid, sent_at text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
begin
  perform 1 from conversations c where c.id = any (p_conversation_ids) order by c.id for no key update;
  v_now := date_trunc('milliseconds', clock_timestamp());

  return query
  with request as materialized (
    select r.* from unnest(p_conversation_ids, p_sender_ids, p_client_message_ids, p_message_ids, p_contents,
        p_event_ids, p_correlation_ids, p_traceparents)
      with ordinality as r (conversation_id, sender_id, client_message_id, message_id, content, event_id, correlation_id, traceparent, item)
  ),
  allowed as materialized (
    select r.*, c.last_seq, c.is_closed, greatest(v_now, c.last_message_at) as now, m.last_read_seq,
        case when c.direct_low = r.sender_id then c.direct_high else c.direct_low end as receiver_id
      from request r
      join conversations c on c.id = r.conversation_id
      join members m on m.conversation_id = r.conversation_id and m.user_id = r.sender_id
  ),
  prior as materialized (
    select a.item, p.id, p.conversation_id, p.conversation_id = a.conversation_id and p.content = a.content as same
      from allowed a join messages p on p.sender_id = a.sender_id and p.client_message_id = a.client_message_id
  ),
  fresh as materialized (
    select a.*, rfc3339(a.now) as sent_at, (a.last_seq + row_number() over (partition by a.conversation_id order by a.item))::int as seq
      from allowed a where not a.is_closed and not exists (select 1 from prior p where p.item = a.item)
  ),
  counted as (
    update conversations c set last_seq = t.top, last_message_at = t.now
      from (select f.conversation_id, max(f.seq) as top, max(f.now) as now from fresh f group by f.conversation_id) t
      where c.id = t.conversation_id
  ),
  stored as (
    insert into messages (id, conversation_id, seq, sender_id, client_message_id, content, created_at)
      select f.message_id, f.conversation_id, f.seq, f.sender_id, f.client_message_id, f.content, f.now from fresh f
  ),
  -- Sending reads everything before it. Others' messages were passed when the step is longer than the sender's own messages.
  reading as materialized (
    select f.conversation_id, f.sender_id, max(f.seq) as top, max(f.now) as now, max(f.seq) - max(f.last_read_seq) > count(*) as passed_others
      from fresh f group by f.conversation_id, f.sender_id
  ),
  advanced as (
    update members m set last_read_seq = r.top, last_delivered_seq = r.top
      from reading r where m.conversation_id = r.conversation_id and m.user_id = r.sender_id
      returning m.conversation_id, m.user_id, r.passed_others
  ),
  stepped as (
    insert into receipt_steps (conversation_id, user_id, seq, read_at)
      select r.conversation_id, r.sender_id, r.top, r.now from reading r where r.passed_others
  ),
  -- From what was advanced, so under the lock of the member row, see send-messages.sql.ts.
  marked as (
    insert into unannounced_receipts (conversation_id, user_id)
      select a.conversation_id, a.user_id from advanced a where a.passed_others on conflict do nothing
  ),
  announced as (
    insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
      select 'chat.conversation', f.conversation_id, 'MessageCreated', f.event_id,
          message_created(f.message_id, f.conversation_id, f.seq, f.sender_id, f.receiver_id, f.content, f.client_message_id, f.sent_at),
          f.correlation_id, f.traceparent
        from fresh f order by f.item
  )
  select f.item::int, 'stored', f.message_id, f.conversation_id, f.seq, f.receiver_id, f.sent_at from fresh f
  union all
  select p.item::int, case when p.same then 'repeated' else 'conflict' end, p.id, p.conversation_id, null, null, null from prior p
  union all
  select a.item::int, 'closed', null, a.conversation_id, null, null, null from allowed a
    where a.is_closed and not exists (select 1 from prior p where p.item = a.item);
end $$`;

/**
 * The direct conversation of two people: the one there is, or a new one with its ConversationCreated in the outbox.
 * Null when there is none and one of them deleted the account.
 * Of several that try at once one makes it; the others wait for its commit and then find it.
 */
export const OPEN_DIRECT_CONVERSATION = `
create or replace function open_direct_conversation(
  p_creator_id uuid, p_other_id uuid, p_conversation_id uuid, p_event_id uuid, p_correlation_id text, p_traceparent text
) returns uuid
language plpgsql as $$
declare
  v_low uuid := least(p_creator_id, p_other_id);
  v_high uuid := greatest(p_creator_id, p_other_id);
  v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
begin
  if exists (select 1 from deleted_among(array[v_low, v_high])) then
    return (select c.id from conversations c where c.direct_low = v_low and c.direct_high = v_high);
  end if;

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
create or replace function send_first_message(
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
  if v_conversation_id is null then
    return query select 'closed', null::uuid, null::uuid, null::int, null::uuid, null::text;
    return;
  end if;
  return query select * from send_message(
    v_conversation_id, p_sender_id, p_client_message_id, p_message_id, p_content, p_event_id, p_correlation_id, p_traceparent);
end $$`;
