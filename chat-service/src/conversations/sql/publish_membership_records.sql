-- Writes ConversationCreated to the outbox, for chat.membership, of at most p_limit conversations without such a record. Returns how many.
-- It skips conversations that another transaction has locked: they are left for a later call. The members are those of now; a group without any
-- has no record.
create or replace function publish_membership_records(p_limit int) returns int
language sql as $$
  with found as materialized (
    select c.id, c.kind, c.title, c.created_by, c.created_at from conversations c
      where not c.has_membership_record order by c.id limit p_limit for no key update skip locked
  ),
  marked as (
    update conversations c set has_membership_record = true from found f where c.id = f.id
  ),
  published as (
    insert into outbox (topic, key, type, event_id, payload)
      select 'chat.membership', f.id, 'ConversationCreated', gen_random_uuid(),
          conversation_created_payload(f.id, f.kind, f.title,
            json_agg(json_build_object('userId', m.user_id, 'role', m.role) order by m.user_id), f.created_by, f.created_at)
        from found f join members m on m.conversation_id = f.id
        group by f.id, f.kind, f.title, f.created_by, f.created_at
  )
  select count(*)::int from found
$$;
