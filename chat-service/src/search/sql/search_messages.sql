-- A step of a search: messages that the user may see and whose text contains p_text, newest first, after the position p_before_*. p_text is a text
-- of the rule p_rule (search-text.ts), p_grams some of its grams (grams.ts). All statements here have the snapshot of the query that calls this.
--
-- Returns three kinds of rows:
-- - 'found': at most p_limit messages, in blocks with p_grams, or behind the last complete block of a conversation.
-- - 'unindexed': at most p_max_unindexed messages with their content, which the calling code must compare: new ones, and edited ones.
-- - 'more': a position up to which the result is complete, if something was not read.
--
-- Blocks are read in the order of their newest message, some at a time, until no other one can have a message that is newer than the p_limit
-- messages found. A frequent text is found in the first blocks; a rare one is in few.
create or replace function search_messages(
  p_user_id uuid, p_conversation_id uuid, p_sender_id uuid, p_text text, p_grams int[], p_rule int, p_block_size int,
  p_before_at timestamptz, p_before_seq int, p_before_id uuid, p_limit int, p_max_unindexed int, p_max_blocks int
) returns table (kind text, message_id uuid, created_at timestamptz, seq int, content text)
language plpgsql stable
-- Ranges of messages are read in their order, and only to their limit. No table is read as a whole, even if it was small when the plan was made:
-- `offset 0` keeps the order of the joins.
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  -- The conversations of the user.
  v_ids uuid[];
  v_joined int[];
  v_last int[];
  v_indexed int[];
  v_unindexed_of_each int;
  -- The blocks with the grams.
  v_block_ids uuid[];
  v_block_numbers int[];
  v_block_at timestamptz[];
  v_block_joined int[];
  -- The messages found so far.
  v_hit_ids uuid[];
  v_hit_at timestamptz[];
  v_hit_seqs int[];
  v_hits int;
  -- How many blocks there are, and were read; the next one.
  v_count int := 0;
  v_max_blocks int := 0;
  v_read int := 0;
  v_next int;
  v_batch int := 64;
begin
  select array_agg(s.id), array_agg(s.joined_seq), array_agg(s.last_seq), array_agg(s.indexed_seq) into v_ids, v_joined, v_last, v_indexed
    from (
      select c.id, me.joined_seq, c.last_seq, coalesce(p.indexed_seq, 0) as indexed_seq
        from members me join conversations c on c.id = me.conversation_id
        left join message_search_positions p on p.conversation_id = c.id and p.rule = p_rule
        where me.user_id = p_user_id and (p_conversation_id is null or me.conversation_id = p_conversation_id)
    ) s;
  if v_ids is null then return; end if;
  if p_sender_id is not null then p_grams := p_grams || ('x' || right(p_sender_id::text, 8))::bit(32)::int; end if;

  -- While many messages are not indexed, few of each conversation.
  select greatest(20, least(p_max_unindexed, 20000 / greatest(count(*), 1))) into v_unindexed_of_each
    from unnest(v_last, v_indexed) s (last_seq, indexed_seq) where s.last_seq > s.indexed_seq;
  return query
    with unindexed as materialized (
      select s.id as conversation_id, m.id, m.created_at, m.seq
        from unnest(v_ids, v_joined, v_last, v_indexed) s (id, joined_seq, last_seq, indexed_seq)
        cross join lateral (
          select m.id, m.created_at, m.seq from messages m
            where m.conversation_id = s.id and m.seq > greatest(s.indexed_seq, s.joined_seq) and m.seq <= s.last_seq
              and m.deleted_at is null and (p_sender_id is null or m.sender_id = p_sender_id)
              and (m.created_at, m.seq, m.id) < (p_before_at, p_before_seq, p_before_id)
            order by m.seq desc limit v_unindexed_of_each
        ) m
        where s.last_seq > s.indexed_seq
    ),
    edited as (
      select m.id, m.created_at, m.seq
        from unnest(v_ids, v_joined, v_indexed) s (id, joined_seq, indexed_seq)
        join message_search_changes e on e.conversation_id = s.id and e.seq > s.joined_seq and e.seq <= s.indexed_seq and not e.is_deleted
        join messages m on m.conversation_id = e.conversation_id and m.seq = e.seq
        where m.deleted_at is null and (p_sender_id is null or m.sender_id = p_sender_id)
          and (m.created_at, m.seq, m.id) < (p_before_at, p_before_seq, p_before_id)
    ),
    newest as (
      select * from (select u.id, u.created_at, u.seq from unindexed u union all select * from edited) n
        order by n.created_at desc, n.seq desc, n.id desc limit p_max_unindexed
    )
    select 'unindexed', n.id, n.created_at, n.seq, m.content from newest n join messages m on m.id = n.id
      where not exists (select 1 from user_deletions d where d.user_id = m.sender_id)
    union all
    (select 'more', n.id, n.created_at, n.seq, null from newest n
      where (select count(*) from newest) = p_max_unindexed order by n.created_at, n.seq, n.id limit 1)
    union all
    (select 'more', l.id, l.created_at, l.seq, null
      from (
        select distinct on (u.conversation_id) u.*, count(*) over (partition by u.conversation_id) as read
          from unindexed u order by u.conversation_id, u.seq
      ) l
      where l.read = v_unindexed_of_each order by l.created_at desc, l.seq desc, l.id desc limit 1);

  -- First what is indexed and not in a block.
  select array_agg(h.id), array_agg(h.created_at), array_agg(h.seq) into v_hit_ids, v_hit_at, v_hit_seqs from (
    select m.id, m.created_at, m.seq
      from unnest(v_ids, v_joined, v_indexed) s (id, joined_seq, indexed_seq)
      cross join lateral (
        select t.conversation_id, t.seq from message_search t
          where t.conversation_id = s.id and t.seq > greatest(s.indexed_seq / p_block_size * p_block_size, s.joined_seq)
            and t.seq <= s.indexed_seq and strpos(t.text, p_text) > 0
          offset 0
      ) t
      cross join lateral (select m.* from messages m where m.conversation_id = t.conversation_id and m.seq = t.seq offset 0) m
      where m.deleted_at is null and (p_sender_id is null or m.sender_id = p_sender_id)
        and (m.created_at, m.seq, m.id) < (p_before_at, p_before_seq, p_before_id)
        and not exists (select 1 from message_search_changes e where e.conversation_id = t.conversation_id and e.seq = t.seq)
        and not exists (select 1 from user_deletions d where d.user_id = m.sender_id)
      order by m.created_at desc, m.seq desc, m.id desc limit p_limit
  ) h;
  loop
    v_next := v_read + 1;
    -- At first only the newest blocks, which are cheap to sort; if they are not enough, all of them, in the same order.
    if v_next > v_count and v_count = v_max_blocks and v_max_blocks < p_max_blocks and (v_block_at[v_count] < v_hit_at[p_limit]) is not true then
      v_max_blocks := case when v_max_blocks = 0 then least(256, p_max_blocks) else p_max_blocks end;
      select array_agg(b.conversation_id), array_agg(b.block), array_agg(b.newest_at), array_agg(b.joined_seq)
        into v_block_ids, v_block_numbers, v_block_at, v_block_joined
        from search_blocks(p_grams, v_ids, v_joined, v_indexed, p_block_size, p_before_at, v_max_blocks) b;
      v_count := coalesce(cardinality(v_block_ids), 0);
    end if;
    if cardinality(v_hit_ids) = p_limit then
      exit when v_next > v_count and (v_count < v_max_blocks or v_block_at[v_count] < v_hit_at[p_limit])
        or (v_block_at[v_next], (v_block_numbers[v_next] + 1) * p_block_size) < (v_hit_at[p_limit], v_hit_seqs[p_limit]);
    end if;
    if v_next > v_count then
      if v_count = p_max_blocks then
        return query select 'more', 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid, v_block_at[v_count], 2147483647, null::text;
      end if;
      exit;
    end if;
    v_read := least(v_read + v_batch, v_count);

    select array_agg(h.id), array_agg(h.created_at), array_agg(h.seq) into v_hit_ids, v_hit_at, v_hit_seqs from (
      select * from unnest(v_hit_ids, v_hit_at, v_hit_seqs) h (id, created_at, seq)
      union all
      select m.id, m.created_at, m.seq
        from unnest(v_block_ids[v_next:v_read], v_block_numbers[v_next:v_read], v_block_joined[v_next:v_read]) b (id, block, joined_seq)
        cross join lateral (
          select b.block * p_block_size + t.number::int as seq
            from message_search_texts x cross join lateral string_to_table(x.text, chr(1)) with ordinality t (text, number)
            where x.conversation_id = b.id and x.block = b.block and strpos(x.text, p_text) > 0 and strpos(t.text, p_text) > 0
            offset 0
        ) t
        cross join lateral (select m.* from messages m where m.conversation_id = b.id and m.seq = t.seq offset 0) m
        where m.seq > b.joined_seq
          and m.deleted_at is null and (p_sender_id is null or m.sender_id = p_sender_id)
          and (m.created_at, m.seq, m.id) < (p_before_at, p_before_seq, p_before_id)
          and not exists (select 1 from message_search_changes e where e.conversation_id = m.conversation_id and e.seq = m.seq)
          and not exists (select 1 from user_deletions d where d.user_id = m.sender_id)
      order by created_at desc, seq desc, id desc limit p_limit
    ) h;
    -- As many as the page still needs, if the hits go on like this.
    v_hits := coalesce(cardinality(v_hit_ids), 0);
    v_batch := least(v_batch * 8, case when v_hits = 0 then 4096 else greatest(64, (p_limit - v_hits)::bigint * v_read * 5 / v_hits / 4) end, 4096);
  end loop;
  return query select 'found', h.id, h.created_at, h.seq, null::text from unnest(v_hit_ids, v_hit_at, v_hit_seqs) h (id, created_at, seq);
end $$;
