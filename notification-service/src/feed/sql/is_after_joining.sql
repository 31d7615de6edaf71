-- Whether the event is one that a member sees who joined at this seq: a message from before joining may still be changed afterwards. A message that is
-- new comes after joining anyway, and most members are there from the beginning.
create or replace function is_after_joining(event_type text, event_payload text, from_seq int) returns boolean
language sql immutable as $$
  select from_seq = 0 or event_type not in ('MessageUpdated', 'MessageDeleted', 'ReactionsChanged')
    or (event_payload::json ->> 'seq')::int > from_seq
$$;
