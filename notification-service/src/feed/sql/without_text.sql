-- The payload of a MessageCreated without what a change of the message, or the deletion of its sender's account, may change.
create or replace function without_text(payload text) returns text language sql immutable as $$
  select (payload::jsonb - 'attachments' || '{"content":"","clientMessageId":null,"replyToId":null,"mentions":[]}')::text
$$;
