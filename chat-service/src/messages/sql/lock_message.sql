-- Begins the change of a message by a user: locks its conversation, so that the events of the conversation are in the order of its changes, then
-- the message, then reads both. `outcome` is null if the change may go on, else 'not-found', also for a user that is not a member or joined later. The deletion of
-- the user comes before or after the change. It waits a moment only for a lock, as others need the connection; but it does wait, because in a
-- conversation with many messages the lock is seldom free.
create or replace function lock_message(
  p_user_id uuid, p_message_id uuid,
  out outcome text, out conversation_id uuid, out kind text, out role text, out sender_id uuid, out content text, out is_deleted boolean
) language plpgsql set lock_timeout = '20ms' as $$
#variable_conflict use_column
begin
  outcome := 'not-found';
  if exists (select 1 from deleted_among(array[p_user_id])) then return; end if;
  select m.conversation_id into conversation_id from messages m
    join members me on me.conversation_id = m.conversation_id and me.user_id = p_user_id and me.joined_seq < m.seq where m.id = p_message_id;
  if not found then return; end if;

  perform 1 from conversations c where c.id = lock_message.conversation_id for no key update;

  -- The message, too: the deletion of its sender's account does not lock the conversation.
  select c.kind, me.role, m.sender_id, m.content,
      m.deleted_at is not null or exists (select 1 from user_deletions d where d.user_id = m.sender_id)
    into kind, role, sender_id, content, is_deleted
    from messages m
    join conversations c on c.id = m.conversation_id
    join members me on me.conversation_id = m.conversation_id and me.user_id = p_user_id and me.joined_seq < m.seq
    where m.id = p_message_id for no key update of m;
  if found then outcome := null; end if;
end $$;
