-- Locks uploads of a user that a message is to use. Returns null, 'no-attachment' if one of them is no completed upload of the user for messages or is used
-- already, or 'locked' if another transaction is using or removing one of them: it waits for none.
create or replace function lock_uploads(p_owner_id uuid, p_upload_ids uuid[]) returns text
language plpgsql as $$
declare
  v_locked int;
  v_usable int;
begin
  select count(*) into v_locked from (
    select 1 from uploads u
      where u.id = any (p_upload_ids) and u.owner_id = p_owner_id and u.purpose = 'MESSAGE_ATTACHMENT' and u.state = 'ready'
      for no key update skip locked) l;
  if v_locked = cardinality(p_upload_ids) then return null; end if;
  select count(*) into v_usable from uploads u
    where u.id = any (p_upload_ids) and u.owner_id = p_owner_id and u.purpose = 'MESSAGE_ATTACHMENT' and u.state = 'ready';
  return case when v_usable < cardinality(p_upload_ids) then 'no-attachment' else 'locked' end;
end $$;
