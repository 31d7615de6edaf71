-- Deletes the earlier versions and the reactions of messages that have become tombstones. After their update: an edit that was open before has then
-- committed, and its version is seen.
create or replace function delete_message_details(p_message_ids uuid[]) returns void
language plpgsql as $$
begin
  delete from message_versions v where v.message_id = any (p_message_ids);
  delete from message_reactions r where r.message_id = any (p_message_ids);
end $$;
