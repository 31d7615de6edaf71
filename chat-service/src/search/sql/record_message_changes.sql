-- Records the messages whose text was changed, in whatever way, so that a search does not believe their former text and SearchIndexer indexes them
-- again. The text of a deleted message is deleted from the tables of the search at once; 32 is the size of a block (index-batch.ts).
create or replace function record_message_changes() returns trigger
language plpgsql
-- No table is read as a whole, even if it was small when the plan was made.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off as $$
begin
  insert into message_search_changes (conversation_id, seq, is_deleted)
    select c.conversation_id, c.seq, c.deleted_at is not null from changed c join former f on f.id = c.id
      where c.content <> f.content or c.deleted_at is distinct from f.deleted_at
      order by c.conversation_id, c.seq
    on conflict (conversation_id, seq) do update set is_deleted = excluded.is_deleted;
  if not found or not exists (select 1 from changed c where c.deleted_at is not null) then return null; end if;

  delete from message_search t using changed c
    where c.deleted_at is not null and t.conversation_id = c.conversation_id and t.seq = c.seq;
  update message_search_texts t set text = (
      select string_agg(case when p.number = any (b.numbers) then '' else p.text end, chr(1) order by p.number)
        from string_to_table(t.text, chr(1)) with ordinality p (text, number))
    from (
      select c.conversation_id, (c.seq - 1) / 32 as block, array_agg((c.seq - 1) % 32 + 1) as numbers
        from changed c where c.deleted_at is not null group by 1, 2 order by 1, 2
    ) b
    where t.conversation_id = b.conversation_id and t.block = b.block;
  return null;
end $$;

create or replace trigger messages_changed after update on messages referencing old table as former new table as changed
  for each statement execute function record_message_changes();
