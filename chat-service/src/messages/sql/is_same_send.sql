-- Whether a message is the one that was sent with this content, reply, mentions and attachments: a repeated client_message_id then returns it. An edited
-- message is compared by its first version. Of a tombstone nothing is left to be compared: it is what a retry gets. Attachments are compared in their order.
create or replace function is_same_send(
  p_prior messages, p_content text, p_reply_to_id uuid, p_mentions uuid[], p_attachment_ids uuid[]
) returns boolean
language sql stable as $$
  select p_prior.deleted_at is not null or (
    p_prior.reply_to_id is not distinct from p_reply_to_id
    and coalesce(p_prior.mentions, '{}') @> coalesce(p_mentions, '{}') and coalesce(p_prior.mentions, '{}') <@ coalesce(p_mentions, '{}')
    and p_attachment_ids is not distinct from (
      select array_agg((a.description ->> 'id')::uuid order by a.position)
        from jsonb_array_elements(p_prior.attachments) with ordinality a (description, position))
    and p_content = case when p_prior.edited_at is null then p_prior.content
      else (select v.content from message_versions v where v.message_id = p_prior.id order by v.version limit 1) end)
$$;
