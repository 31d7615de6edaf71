-- Does the next small part of the oldest deletion in user_deletions, and stores how far it is, in one transaction: a crash loses nothing, and no
-- part is done by two processes. Returns 'idle' when there is no deletion, 'waiting' when another process works or holds a lock, or 'working'.
--
-- The steps, each in the order of an index, so that no part searches what earlier ones have done:
-- 1. Conversations, by id: direct ones are closed, groups are left, with their MembersChanged, what the user had read is deleted. From here on no message is added.
-- 2. Messages without client_message_id become tombstones. A tombstone gets a key for the time being, longer than that of any client, and so
--    leaves the part of the index messages_client_key that is read here.
-- 3. Messages with client_message_id become tombstones without one, by key.
-- 4. The user's reactions to messages of others are deleted, and mentions of the user in them.
-- 5. The other uploads of the user are released: unused ones, and pictures of groups, with their ConversationUpdated.
create or replace function continue_user_deletion(p_conversations int, p_rows int) returns text
language plpgsql as $$
declare
  v_deletion record;
  v_ids uuid[];
  v_free uuid[];
  v_locked uuid;
  v_count int;
  v_last_key text;
  v_group uuid;
begin
  -- What is lost in a crash is done again.
  perform set_config('synchronous_commit', 'off', true);
  if not pg_try_advisory_xact_lock(hashtextextended('user deletions of ' || current_schema(), 0)) then return 'waiting'; end if;
  select * into v_deletion from user_deletions d order by d.deleted_at, d.user_id limit 1;
  if not found then return 'idle'; end if;

  if v_deletion.step = 'conversations' then
    v_ids := array(
      select m.conversation_id from members m
        where m.user_id = v_deletion.user_id and m.conversation_id > v_deletion.after_conversation_id
        order by m.conversation_id limit p_conversations);
    if cardinality(v_ids) = 0 then
      update user_deletions d set step = 'messages without key' where d.user_id = v_deletion.user_id;
      return 'working';
    end if;
    v_free := array(select l.id from (
      select c.id from conversations c join members m on m.conversation_id = c.id and m.user_id = v_deletion.user_id
        where c.id = any (v_ids) for no key update of c, m skip locked) l);
    -- Only those before the first one that another transaction has locked.
    select u.id into v_locked from unnest(v_ids) u (id) where u.id <> all (v_free) order by u.id limit 1;
    if found then v_ids := array(select u.id from unnest(v_ids) u (id) where u.id < v_locked order by u.id); end if;
    if cardinality(v_ids) = 0 then return 'waiting'; end if;

    delete from read_receipt_history h using (
        select r.conversation_id, r.seq from read_receipt_history r
          where r.conversation_id = any (v_ids) and r.user_id = v_deletion.user_id limit p_rows) d
      where h.conversation_id = d.conversation_id and h.user_id = v_deletion.user_id and h.seq = d.seq;
    get diagnostics v_count = row_count;
    if v_count = p_rows then return 'working'; end if;
    delete from pending_receipt_events p where p.conversation_id = any (v_ids) and p.user_id = v_deletion.user_id;
    update conversations c set is_closed = true where c.id = any (v_ids) and c.kind = 'DIRECT' and not c.is_closed;
    for v_group in select c.id from conversations c where c.id = any (v_ids) and c.kind = 'GROUP' order by c.id loop
      -- An event that was published is not to be lost in a crash.
      perform set_config('synchronous_commit', 'on', true);
      perform remove_member(v_group, v_deletion.user_id, v_deletion.user_id, gen_random_uuid(), null, null);
    end loop;
    update user_deletions d set after_conversation_id = v_ids[cardinality(v_ids)] where d.user_id = v_deletion.user_id;
    return 'working';
  end if;

  if v_deletion.step = 'messages without key' then
    v_ids := array(
      select u.id from messages u
        where u.sender_id = v_deletion.user_id and u.client_message_id is null and u.deleted_at is null limit p_rows);
    update messages m
      set content = '', reply_to_id = null, mentions = null, attachments = null, edited_at = null, client_message_id = m.id::text || m.id::text,
          deleted_at = coalesce(m.deleted_at, v_deletion.deleted_at)
      where m.id = any (v_ids);
    perform delete_message_details(v_ids);
    if cardinality(v_ids) < p_rows then
      update user_deletions d set step = 'messages with key' where d.user_id = v_deletion.user_id;
    end if;
    return 'working';
  end if;

  if v_deletion.step = 'messages with key' then
    select array_agg(k.id), max(k.client_message_id) into v_ids, v_last_key from (
      select u.id, u.client_message_id from messages u
        where u.sender_id = v_deletion.user_id and u.client_message_id > v_deletion.after_key
        order by u.client_message_id limit p_rows) k;
    update messages m
      set content = '', reply_to_id = null, mentions = null, attachments = null, edited_at = null, client_message_id = null,
          deleted_at = coalesce(m.deleted_at, v_deletion.deleted_at)
      where m.id = any (v_ids);
    perform delete_message_details(v_ids);
    if coalesce(cardinality(v_ids), 0) < p_rows then
      update user_deletions d set step = 'reactions' where d.user_id = v_deletion.user_id;
    else
      update user_deletions d set after_key = v_last_key where d.user_id = v_deletion.user_id;
    end if;
    return 'working';
  end if;

  if v_deletion.step = 'reactions' then
    delete from message_reactions r using (
        select o.message_id, o.emoji from message_reactions o where o.user_id = v_deletion.user_id limit p_rows) d
      where r.message_id = d.message_id and r.user_id = v_deletion.user_id and r.emoji = d.emoji;
    get diagnostics v_count = row_count;
    if v_count < p_rows then update user_deletions d set step = 'mentions' where d.user_id = v_deletion.user_id; end if;
    return 'working';
  end if;

  if v_deletion.step = 'files' then
    v_ids := array(
      select u.id from uploads u
        where u.owner_id = v_deletion.user_id and not exists (select 1 from released_uploads r where r.upload_id = u.id) limit p_rows);
    v_free := array(select l.id from (
      select c.id from attachments a join conversations c on c.id = a.conversation_id and c.picture_id = a.upload_id
        where a.upload_id = any (v_ids) for no key update of c skip locked) l);
    if cardinality(v_free) < (
      select count(*) from attachments a join conversations c on c.id = a.conversation_id and c.picture_id = a.upload_id
        where a.upload_id = any (v_ids)) then
      return 'waiting';
    end if;
    if cardinality(v_free) > 0 then
      perform set_config('synchronous_commit', 'on', true);
      with changed as (update conversations c set picture_id = null where c.id = any (v_free) returning c.id, c.title)
      insert into outbox (topic, key, type, event_id, payload)
        select 'chat.conversation', c.id, 'ConversationUpdated', gen_random_uuid(),
            json_build_object('conversationId', c.id, 'title', c.title, 'updatedBy', v_deletion.user_id, 'updatedAt', rfc3339(clock_timestamp()))::text
          from changed c;
    end if;
    delete from attachments a where a.upload_id = any (v_ids);
    insert into released_uploads (upload_id) select u.id from unnest(v_ids) u (id) on conflict do nothing;
    if cardinality(v_ids) < p_rows then
      delete from upload_usage u where u.owner_id = v_deletion.user_id;
      delete from user_deletions d where d.user_id = v_deletion.user_id;
    end if;
    return 'working';
  end if;

  update messages m set mentions = nullif(array_remove(m.mentions, v_deletion.user_id), '{}')
    where m.id = any (array(
      select u.id from messages u where u.mentions is not null and u.mentions @> array[v_deletion.user_id] limit p_rows));
  get diagnostics v_count = row_count;
  if v_count < p_rows then update user_deletions d set step = 'files' where d.user_id = v_deletion.user_id; end if;
  return 'working';
end $$;
