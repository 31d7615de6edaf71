-- The blocks that have all p_grams and one of p_conversation_grams, or, if that is null, of all conversations: by the index message_search_grams.
create or replace function blocks_with_grams(p_grams int[], p_conversation_grams int[])
returns table (conversation_id uuid, block int, oldest_at timestamptz, newest_at timestamptz)
language plpgsql stable
-- Other than in search_messages.
set enable_bitmapscan = on as $$
begin
  if p_conversation_grams is null then
    return query
      select b.conversation_id, b.block, b.oldest_at::timestamptz, b.newest_at::timestamptz from message_search_blocks b where b.grams @> p_grams;
  else
    return query
      select b.conversation_id, b.block, b.oldest_at::timestamptz, b.newest_at::timestamptz
        from message_search_blocks b where b.grams @> p_grams and b.grams && p_conversation_grams;
  end if;
end $$;

-- The blocks that have all p_grams, newest first, at most p_limit: of the conversations p_ids, with a message above p_joined, complete according to
-- p_indexed, and with a message that is not newer than p_before_at.
--
-- The conversations are grams of their blocks, too, and the index is read for 64 of them at a time: so a gram that every block of the installation has, as most
-- letters are, costs the blocks of these conversations only. A scan compares the lists of all its grams for each block, so one for very many conversations
-- would cost more than it saves; and if most blocks are of these conversations, they are all read, and compared with p_ids afterwards.
create or replace function search_blocks(
  p_grams int[], p_ids uuid[], p_joined int[], p_indexed int[], p_block_size int, p_before_at timestamptz, p_limit int
) returns table (conversation_id uuid, block int, newest_at timestamptz, joined_seq int)
language plpgsql stable
set enable_hashjoin = on as $$
#variable_conflict use_column
declare
  c_at_once constant int := 64;
  v_grams int[];
  v_scans int := 1;
begin
  if cardinality(p_ids) <= c_at_once
      or 2 * (select sum(i) / p_block_size from unnest(p_indexed) i) < (select c.reltuples from pg_class c where c.oid = 'message_search_blocks'::regclass) then
    v_grams := array(
      select ('x' || right(u.id::text, 8))::bit(32)::int from unnest(p_ids) with ordinality u (id, number) order by u.number);
    v_scans := (cardinality(p_ids) + c_at_once - 1) / c_at_once;
  end if;
  return query
    with found as materialized (
      select c.scan, f.* from generate_series(0, v_scans - 1) c (scan)
        cross join lateral blocks_with_grams(p_grams, v_grams[c.scan * c_at_once + 1 : (c.scan + 1) * c_at_once]) f
    )
    select f.conversation_id, f.block, f.newest_at, s.joined_seq
      from found f
      -- Other conversations may have the same gram: a block counts in the scan of its own one.
      join unnest(p_ids, p_joined, p_indexed) with ordinality s (id, joined_seq, indexed_seq, number)
        on s.id = f.conversation_id and (v_grams is null or (s.number - 1) / c_at_once = f.scan)
      where (f.block + 1) * p_block_size > s.joined_seq and (f.block + 1) * p_block_size <= s.indexed_seq
        and f.oldest_at <= p_before_at
      order by f.newest_at desc, f.block desc, f.conversation_id desc limit p_limit;
end $$;
