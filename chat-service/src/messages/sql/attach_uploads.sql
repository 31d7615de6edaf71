-- Attaches uploads that lock_uploads has locked to a message, in the transaction that stores it. Returns their descriptions in the order of the ids.
create or replace function attach_uploads(p_upload_ids uuid[], p_conversation_id uuid, p_message_id uuid) returns jsonb
language plpgsql as $$
declare
  v_attachments jsonb;
begin
  insert into attachments (upload_id, conversation_id, message_id) select u.id, p_conversation_id, p_message_id from unnest(p_upload_ids) u (id);
  with attached as (update uploads u set state = 'attached' where u.id = any (p_upload_ids) returning u as upload)
  select jsonb_agg(upload_description(a.upload) order by array_position(p_upload_ids, (a.upload).id)) into v_attachments from attached a;
  return v_attachments;
end $$;
