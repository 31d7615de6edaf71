-- The reactions to a message in the order of first use, as an array of { emoji, count, userIds }; null without any. However many members reacted, it has at
-- most 200 user ids: all, or of each emoji the first ones (MAX_REACTION_USER_IDS of shared/src/contracts). It reads one row of message_reaction_counts for each
-- emoji, by its primary key, and from message_reactions only what it shows, by the index message_reactions_by_emoji.
create or replace function shown_reactions(p_message_id uuid) returns table (reactions jsonb)
language sql stable rows 1 as $$
  select jsonb_agg(jsonb_build_object('emoji', e.emoji, 'count', e.count, 'userIds', f.user_ids) order by f.first_position)
    from (
      select c.emoji, c.count, case when sum(c.count) over () <= 200 then 200 else 200 / count(*) over () end as shown
        from message_reaction_counts c where c.message_id = p_message_id
    ) e
    cross join lateral (
      select min(s.position) as first_position, jsonb_agg(s.user_id order by s.position) as user_ids
        from (
          select r.position, r.user_id from message_reactions r
            where r.message_id = p_message_id and r.emoji = e.emoji order by r.position limit e.shown
        ) s
    ) f
$$;
