-- Writes MembersChanged to the outbox. Call it under the lock of the conversation, after the rows of the members were changed: then the position
-- of the event in the log is the one at which the members changed. A conversation without ConversationCreated on chat.membership gets no record
-- there either: publish_membership_records publishes the members that it has at that time.
create or replace function publish_members_changed(
  p_conversation_id uuid, p_added json, p_removed uuid[], p_changed_roles json, p_changed_by uuid, p_event_id uuid, p_correlation_id text,
  p_traceparent text
) returns void
language sql as $$
  insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
    select topic, c.id, 'MembersChanged', p_event_id,
        members_changed_payload(c.id, p_added, to_json(p_removed), p_changed_roles, c.last_seq, p_changed_by, rfc3339(clock_timestamp())),
        p_correlation_id, p_traceparent
      from conversations c cross join unnest(array['chat.conversation', 'chat.membership']) topic
      where c.id = p_conversation_id and (topic = 'chat.conversation' or c.has_membership_record)
$$;
