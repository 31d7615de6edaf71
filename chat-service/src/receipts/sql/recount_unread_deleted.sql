-- Once, after all functions that maintain unread_deleted: counts what was deleted before it was maintained. A function, because its text is
-- applied again when it changes.
create or replace function recount_unread_deleted() returns void
language plpgsql as $$
begin
  -- Nothing is sent, read or deleted meanwhile.
  lock table members in share row exclusive mode;
  update members m set unread_deleted = n.count
    from (
      select u.conversation_id, u.user_id, count(*) as count
        from messages d join members u on u.conversation_id = d.conversation_id and u.last_read_seq < d.seq
        where d.deleted_at is not null group by u.conversation_id, u.user_id
    ) n
    where m.conversation_id = n.conversation_id and m.user_id = n.user_id and m.unread_deleted <> n.count;
end $$;
select recount_unread_deleted();
