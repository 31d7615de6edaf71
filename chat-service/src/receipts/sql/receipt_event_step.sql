-- The time from one event of a receipt to the next in a conversation, as an event goes to all members: a group has 2,000 deliveries a second. None
-- where an event of each member would not be more than that.
create or replace function receipt_event_step(p_conversation_id uuid) returns interval language sql stable as $$
  select case when m.count * m.count > 2000 then m.count / 2000.0 * interval '1 second' else interval '0' end
    from (select count(*) as count from members where conversation_id = p_conversation_id) m
$$;
