-- Counts a message that is deleted, in whatever way, in `unread_deleted` of the members that have not read it. Of a receipt that advances at the same
-- time, this waits for the transaction and then sees the new last_read_seq, or advance_receipts sees the deletion and takes it off the count.
create or replace function count_unread_deleted() returns trigger
language plpgsql as $$
begin
  update members m set unread_deleted = m.unread_deleted + 1 where m.conversation_id = new.conversation_id and m.last_read_seq < new.seq;
  return null;
end $$;

create or replace trigger message_deleted after update of deleted_at on messages
  for each row when (old.deleted_at is null and new.deleted_at is not null) execute function count_unread_deleted();
