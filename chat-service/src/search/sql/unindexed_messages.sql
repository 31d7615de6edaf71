-- What index_messages is to write next for these conversations: for each the messages above its indexed seq, from the beginning of their block if
-- they complete it, and the whole blocks of messages that were changed. At most p_limit for each window; one that is cut is continued later.
-- row_version changes with every change of the message; a tombstone has no content.
create or replace function unindexed_messages(p_conversation_ids uuid[], p_rule int, p_block_size int, p_limit int)
returns table (
  conversation_id uuid, from_seq int, to_seq int, seq int, sender_id uuid, created_at timestamptz, content text, row_version text
)
language sql stable as $$
  with conversation as materialized (
    select c.id, c.last_seq, case when p.rule = p_rule then p.indexed_seq else 0 end as indexed_seq
      from conversations c left join message_search_positions p on p.conversation_id = c.id
      -- A later build has indexed it by a later rule.
      where c.id = any (p_conversation_ids) and coalesce(p.rule, p_rule) <= p_rule
  ),
  windows as (
    select c.id, c.last_seq as to_seq, case
        when c.last_seq / p_block_size > c.indexed_seq / p_block_size then c.indexed_seq / p_block_size * p_block_size + 1
        else c.indexed_seq + 1
      end as from_seq
      from conversation c where c.last_seq > c.indexed_seq
    union
    select c.id, least(b.block * p_block_size + p_block_size, c.indexed_seq), b.block * p_block_size + 1
      from conversation c
      cross join lateral (
        select distinct (e.seq - 1) / p_block_size as block from message_search_changes e
          where e.conversation_id = c.id and e.seq <= c.indexed_seq
            -- Unless the first window begins with this block.
            and ((e.seq - 1) / p_block_size < c.indexed_seq / p_block_size or c.last_seq / p_block_size = c.indexed_seq / p_block_size)
          order by block limit p_limit / p_block_size
      ) b
  )
  select w.id, w.from_seq, w.to_seq, m.seq, m.sender_id, m.created_at, case when m.deleted_at is null then m.content end, m.row_version
    from windows w
    cross join lateral (
      select n.*, n.xmin::text as row_version from messages n
        where n.conversation_id = w.id and n.seq between w.from_seq and w.to_seq order by n.seq limit p_limit
    ) m
    order by w.id, w.from_seq, m.seq
    limit p_limit
$$;
