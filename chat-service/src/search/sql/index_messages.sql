-- Writes windows of messages, as unindexed_messages returned them, to the search tables, and how far each conversation is indexed, in one
-- transaction. Returns how many windows it wrote. A window of a conversation that another process is indexing is left. It waits for a deletion that is
-- in progress (lock_timeout), which has the locks above already.
--
-- A window is left, too, if one of its messages was changed since it was read. A change that commits later does not get lost: it writes a row of
-- message_search_changes, for which it waits if this deletes the row, and a search does not believe the text of a message with such a row.
--
-- p_texts: null for a tombstone, and for a message of a complete block. p_block_grams: the text of an array for each.
create or replace function index_messages(
  p_rule int, p_window_ids uuid[], p_window_from int[], p_window_to int[], p_window_versions text[],
  p_ids uuid[], p_seqs int[], p_texts text[],
  p_block_ids uuid[], p_blocks int[], p_block_from int[], p_block_oldest timestamptz[], p_block_newest timestamptz[],
  p_block_texts text[], p_block_grams text[]
) returns int
language plpgsql
-- No table is read as a whole, even if it was small when the plan was made.
set enable_hashjoin = off
set enable_mergejoin = off as $$
declare
  v_locked uuid[];
  v_change_ids uuid[];
  v_change_seqs int[];
  v_ids uuid[];
  v_from int[];
  v_to int[];
begin
  -- What is lost in a crash is done again.
  perform set_config('synchronous_commit', 'off', true);
  insert into message_search_positions (conversation_id, rule, indexed_seq)
    select distinct w.id, p_rule, 0 from unnest(p_window_ids) w (id)
      where not exists (select 1 from message_search_positions p where p.conversation_id = w.id)
    on conflict do nothing;
  v_locked := array(
    select p.conversation_id from message_search_positions p
      where p.conversation_id = any (p_window_ids) and p.rule <= p_rule for no key update skip locked);
  update message_search_positions p set rule = p_rule, indexed_seq = 0 where p.conversation_id = any (v_locked) and p.rule < p_rule;

  select array_agg(l.conversation_id), array_agg(l.seq) into v_change_ids, v_change_seqs from (
    select e.conversation_id, e.seq
      from unnest(p_window_ids, p_window_from, p_window_to) w (id, from_seq, to_seq)
      join message_search_changes e on e.conversation_id = w.id and e.seq between w.from_seq and w.to_seq
      where w.id = any (v_locked) for update of e skip locked) l;

  -- Under these locks, with a snapshot of its own.
  select array_agg(w.id), array_agg(w.from_seq), array_agg(w.to_seq) into v_ids, v_from, v_to
    from unnest(p_window_ids, p_window_from, p_window_to, p_window_versions) w (id, from_seq, to_seq, versions)
    join message_search_positions p on p.conversation_id = w.id
    where w.id = any (v_locked) and w.from_seq <= p.indexed_seq + 1
      and w.versions = (
      select string_agg(m.xmin::text, ',' order by m.seq) from messages m
        where m.conversation_id = w.id and m.seq between w.from_seq and w.to_seq);
  if v_ids is null then return 0; end if;

  delete from message_search t
    using unnest(p_ids, p_seqs, p_texts) u (id, seq, text), unnest(v_ids, v_from, v_to) w (id, from_seq, to_seq)
    where t.conversation_id = u.id and t.seq = u.seq and u.text is null and w.id = u.id and u.seq between w.from_seq and w.to_seq;
  insert into message_search as t (conversation_id, seq, text)
    select u.id, u.seq, u.text
      from unnest(p_ids, p_seqs, p_texts) u (id, seq, text)
      join unnest(v_ids, v_from, v_to) w (id, from_seq, to_seq) on w.id = u.id and u.seq between w.from_seq and w.to_seq
      where u.text is not null
    on conflict (conversation_id, seq) do update set text = excluded.text where t.text <> excluded.text;
  insert into message_search_blocks (conversation_id, block, oldest_at, newest_at, grams)
    select b.id, b.block, b.oldest_at, b.newest_at, b.grams::int[]
      from unnest(p_block_ids, p_blocks, p_block_from, p_block_oldest, p_block_newest, p_block_grams)
        b (id, block, from_seq, oldest_at, newest_at, grams)
      join unnest(v_ids, v_from, v_to) w (id, from_seq, to_seq) on w.id = b.id and b.from_seq between w.from_seq and w.to_seq
    on conflict (conversation_id, block) do update
      set oldest_at = excluded.oldest_at, newest_at = excluded.newest_at, grams = excluded.grams;
  insert into message_search_texts as t (conversation_id, block, text)
    select b.id, b.block, b.text
      from unnest(p_block_ids, p_blocks, p_block_from, p_block_texts) b (id, block, from_seq, text)
      join unnest(v_ids, v_from, v_to) w (id, from_seq, to_seq) on w.id = b.id and b.from_seq between w.from_seq and w.to_seq
    on conflict (conversation_id, block) do update set text = excluded.text;
  update message_search_positions p set indexed_seq = w.to_seq
    from (select l.id, max(l.to_seq) as to_seq from unnest(v_ids, v_to) l (id, to_seq) group by l.id) w
    where p.conversation_id = w.id and p.indexed_seq < w.to_seq;
  delete from message_search_changes e
    using unnest(v_change_ids, v_change_seqs) l (id, seq), unnest(v_ids, v_from, v_to) w (id, from_seq, to_seq)
    where e.conversation_id = l.id and e.seq = l.seq and w.id = l.id and l.seq between w.from_seq and w.to_seq;
  return cardinality(v_ids);
end $$;
