-- Counts the messages that a statement deletes, in whatever way, in `unread_deleted` of the members that have not read them: each row once, as the
-- deletion of an account deletes many messages of a group at a time. It locks the rows first: a receipt that advances at the same time has then
-- committed, and its last_read_seq is seen, or advance_receipts sees the deletions and takes them off the count.
create or replace function count_unread_deleted() returns trigger
language plpgsql as $$
declare
  v_conversation_ids uuid[];
  v_seqs int[];
begin
  select array_agg(n.conversation_id), array_agg(n.seq) into v_conversation_ids, v_seqs
    from after_update n join before_update o on o.id = n.id
    where o.deleted_at is null and n.deleted_at is not null;
  if v_seqs is null then return null; end if;

  perform 1 from members m
    join (select d.conversation_id, max(d.seq) as top from unnest(v_conversation_ids, v_seqs) d (conversation_id, seq) group by d.conversation_id) d
      on d.conversation_id = m.conversation_id
    where m.last_read_seq < d.top order by m.conversation_id, m.user_id for no key update of m;
  update members m set unread_deleted = m.unread_deleted + u.count
    from (
      select r.conversation_id, r.user_id, count(*) as count
        from unnest(v_conversation_ids, v_seqs) d (conversation_id, seq)
        join members r on r.conversation_id = d.conversation_id and r.last_read_seq < d.seq
        group by r.conversation_id, r.user_id
    ) u
    where m.conversation_id = u.conversation_id and m.user_id = u.user_id;
  return null;
end $$;

create or replace trigger message_deleted after update on messages
  referencing old table as before_update new table as after_update
  for each statement execute function count_unread_deleted();
