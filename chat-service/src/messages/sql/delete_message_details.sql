-- Deletes the earlier versions and the reactions of messages that have become tombstones, and releases their attachments. After their update: an edit that
-- was open before has then committed, and its version is seen.
create or replace function delete_message_details(p_message_ids uuid[]) returns void
language plpgsql as $$
begin
  delete from message_versions v where v.message_id = any (p_message_ids);
  delete from message_reactions r where r.message_id = any (p_message_ids);
  with released as (delete from attachments a where a.message_id = any (p_message_ids) returning a.upload_id)
  insert into released_uploads (upload_id) select r.upload_id from released r on conflict do nothing;
end $$;
