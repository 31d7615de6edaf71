import type { EventPayloads } from '@chat/shared/events';

/**
 * MembersChanged happens when members were added, removed or have another role. SQL writes it, as the deletion of a user removes members, too; its
 * builder is sql/members_changed_payload.sql. This is its list of fields, each with the parameter that fills it. A field that is added to the event
 * does not compile until it is here, and the unit test compares the SQL with this list.
 */
export const MEMBERS_CHANGED_FIELDS: Record<keyof EventPayloads['MembersChanged'], string> = {
  conversationId: 'p_conversation_id',
  added: 'p_added',
  removed: 'p_removed',
  changedRoles: 'p_changed_roles',
  lastSeq: 'p_last_seq',
  changedBy: 'p_changed_by',
  changedAt: 'p_changed_at',
};
