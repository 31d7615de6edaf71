-- For the processes of the build before, which call it during an update: all reactions to a message, as an array of { emoji, userIds }; null without any.
create or replace function reactions_of(p_message_id uuid) returns table (reactions jsonb)
language sql stable rows 1 as $$
  select jsonb_agg(jsonb_build_object('emoji', e.emoji, 'userIds', e.user_ids) order by e.first_position)
    from (
      select r.emoji, min(r.position) as first_position, jsonb_agg(r.user_id order by r.position) as user_ids
        from message_reactions r where r.message_id = p_message_id group by r.emoji
    ) e
$$;
