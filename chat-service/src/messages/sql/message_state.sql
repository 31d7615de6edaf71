-- The whole message as it is now: the payload of MessageUpdated, and of ReactionsChanged without what is added there.
create or replace function message_state(p_message_id uuid) returns jsonb
language sql stable as $$
  select jsonb_build_object('messageId', m.id, 'conversationId', m.conversation_id, 'seq', m.seq, 'senderId', m.sender_id,
      'receiverId', case when c.direct_low = m.sender_id then c.direct_high else c.direct_low end,
      'content', m.content, 'clientMessageId', m.client_message_id, 'createdAt', rfc3339(m.created_at),
      'replyToId', m.reply_to_id, 'mentions', coalesce(m.mentions, '{}'), 'attachments', coalesce(m.attachments, '[]'), 'editedAt', rfc3339(m.edited_at),
      'reactions', coalesce(r.reactions, '[]'))
    from messages m
    join conversations c on c.id = m.conversation_id
    cross join shown_reactions(m.id) r
    where m.id = p_message_id
$$;
