/**
 * Reads a conversation up to a seq, at most up to its newest. Only ever forward. Gives whether anything moved.
 * Others' messages are always passed when it moves: a sender has read up to the own newest message already.
 */
export const MARK_READ = `
create function mark_read(p_conversation_id uuid, p_user_id uuid, p_seq int) returns boolean
language plpgsql as $$
declare
  v_seq int;
begin
  update members m set last_read_seq = least(p_seq, c.last_seq), last_delivered_seq = greatest(m.last_delivered_seq, least(p_seq, c.last_seq))
    from conversations c
    where c.id = p_conversation_id and m.conversation_id = c.id and m.user_id = p_user_id and m.last_read_seq < least(p_seq, c.last_seq)
    returning m.last_read_seq into v_seq;
  if not found then return false; end if;

  insert into receipt_steps (conversation_id, user_id, seq, read_at)
    values (p_conversation_id, p_user_id, v_seq, date_trunc('milliseconds', clock_timestamp()));
  insert into unannounced_receipts (conversation_id, user_id) values (p_conversation_id, p_user_id) on conflict do nothing;
  return true;
end $$`;

/**
 * Announces receipts that moved: one event per member for all steps since the last one. Gives how many.
 * Takes the member row before its mark goes, as whoever sets a mark does: no step falls between. Rows that somebody is
 * writing at the moment are left for the next time, so this waits for nobody.
 * The seqs it names are committed, so their MessageCreated rows have lower outbox ids.
 */
export const ANNOUNCE_RECEIPTS = `
create function announce_receipts(p_limit int) returns int
language sql as $$
  with due as materialized (select u.conversation_id, u.user_id from unannounced_receipts u limit p_limit),
  locked as materialized (
    select m.conversation_id, m.user_id, m.last_read_seq, m.last_delivered_seq
      from members m join due d on m.conversation_id = d.conversation_id and m.user_id = d.user_id
      for no key update of m skip locked
  ),
  taken as (
    delete from unannounced_receipts u using locked l
      where u.conversation_id = l.conversation_id and u.user_id = l.user_id
      returning l.*
  ),
  announced as (
    insert into outbox (topic, key, type, event_id, payload)
      select 'chat.conversation', t.conversation_id, 'ReceiptsAdvanced', gen_random_uuid(),
          json_build_object('conversationId', t.conversation_id, 'userId', t.user_id, 'lastReadSeq', t.last_read_seq,
            'lastDeliveredSeq', t.last_delivered_seq, 'advancedAt', rfc3339(clock_timestamp()))
        from taken t
      returning 1
  )
  select count(*)::int from announced
$$`;
