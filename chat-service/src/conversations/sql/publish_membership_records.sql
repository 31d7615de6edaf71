-- Writes ConversationCreated to the outbox, for chat.membership, of at most p_limit conversations without such a record. Returns how many.
-- It skips conversations that another transaction has locked: they are left for a later call. The members are those of now, read in a statement
-- that begins under the lock: a change of members either is in this record or is published after it. A group without any member has no record.
create or replace function publish_membership_records(p_limit int) returns int
language plpgsql as $$
declare
  v_ids uuid[];
begin
  v_ids := array(select l.id from (
    select c.id from conversations c where not c.has_membership_record order by c.id limit p_limit for no key update skip locked) l);
  update conversations c set has_membership_record = true where c.id = any (v_ids);
  insert into outbox (topic, key, type, event_id, payload)
    select 'chat.membership', c.id, 'ConversationCreated', gen_random_uuid(),
        conversation_created_payload(c.id, c.kind, c.title,
          json_agg(json_build_object('userId', m.user_id, 'role', m.role) order by m.user_id), c.created_by, c.created_at)
      from conversations c join members m on m.conversation_id = c.id
      where c.id = any (v_ids)
      group by c.id;
  return cardinality(v_ids);
end $$;
