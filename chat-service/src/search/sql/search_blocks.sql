-- The blocks that have all p_grams, newest first, at most p_limit: of the conversations p_ids, with a message above p_joined, complete according to
-- p_indexed, and with a message that is not newer than p_before_at.
--
-- The conversations are grams of their blocks, too. The lists of many conversations cost more than they save, so then they are only compared.
create or replace function search_blocks(
  p_grams int[], p_ids uuid[], p_joined int[], p_indexed int[], p_block_size int, p_before_at timestamptz, p_limit int
) returns table (conversation_id uuid, block int, newest_at timestamptz, joined_seq int)
language plpgsql stable
-- Other than in search_messages.
set enable_bitmapscan = on
set enable_hashjoin = on
set enable_nestloop = off as $$
#variable_conflict use_column
declare
  v_is_short boolean := cardinality(p_ids) <= 64;
  v_of_conversations int[];
begin
  if v_is_short then v_of_conversations := array(select ('x' || right(u.id::text, 8))::bit(32)::int from unnest(p_ids) u (id)); end if;
  return query
    with found as materialized (
      select b.conversation_id, b.block, b.oldest_at, b.newest_at from message_search_blocks b
        where v_is_short and b.grams @> p_grams and b.grams && v_of_conversations
      union all
      select b.conversation_id, b.block, b.oldest_at, b.newest_at from message_search_blocks b where not v_is_short and b.grams @> p_grams
    )
    select f.conversation_id, f.block, f.newest_at, s.joined_seq
      from found f join unnest(p_ids, p_joined, p_indexed) s (id, joined_seq, indexed_seq) on s.id = f.conversation_id
      where (f.block + 1) * p_block_size > s.joined_seq and (f.block + 1) * p_block_size <= s.indexed_seq
        and f.oldest_at <= p_before_at
      order by f.newest_at desc, f.block desc, f.conversation_id desc limit p_limit;
end $$;
