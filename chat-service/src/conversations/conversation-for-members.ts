import type { ConversationForMembers, ConversationKind, FileDescription, MemberRole } from '@chat/shared/contracts';
import type { ReadQueries, Statement } from '../database/queries.js';
import { PICTURE } from '../files/files.queries.js';
import { type MessageRow, selectMessages, toChatMessage } from '../messages/messages.queries.js';
import { UNREAD_COUNT } from '../receipts/receipts.queries.js';

/** A conversation as all its members see it, at one moment: nothing of it is later than the membership of any of them. Null if there is none. */
export async function findConversationForMembers(queries: ReadQueries, conversationId: string): Promise<ConversationForMembers | null> {
  const row = await queries.row<ConversationRow>(FIND_CONVERSATION_FOR_MEMBERS, [conversationId]);
  if (!row) return null;
  return {
    id: conversationId,
    kind: row.kind,
    title: row.title,
    picture: row.picture,
    members: row.members.map(
      ([
        userId,
        role,
        lastReadSeq,
        lastDeliveredSeq,
        joinedAt,
        unreadCount,
        mutedUntil,
        joinedSeq,
      ]): ConversationForMembers['members'][number] => ({
        userId,
        role,
        lastReadSeq,
        lastDeliveredSeq,
        joinedAt,
        unreadCount,
        mutedUntil,
        seesLastMessage: row.last_seq > joinedSeq,
      }),
    ),
    lastMessage: row.id === null ? null : toChatMessage(row),
    lastMessageAt: row.last_message_at?.toISOString() ?? null,
    lastSeq: row.last_seq,
    createdAt: row.conversation_created_at.toISOString(),
  };
}

/** The columns of the last message; all are null if there is none. */
interface ConversationRow extends MessageRow {
  kind: ConversationKind;
  title: string | null;
  picture: FileDescription | null;
  last_seq: number;
  last_message_at: Date | null;
  conversation_created_at: Date;
  members: [
    userId: string,
    role: MemberRole,
    lastReadSeq: number,
    lastDeliveredSeq: number,
    joinedAt: string,
    unreadCount: number,
    mutedUntil: string | null,
    joinedSeq: number,
  ][];
}

/** One statement, which has one snapshot. A user whose deletion is in progress has left every group already. */
const FIND_CONVERSATION_FOR_MEMBERS: Statement = {
  name: 'find_conversation_for_members',
  text: `
    select c.kind, c.title, ${PICTURE} as picture, c.last_seq, c.last_message_at, c.created_at as conversation_created_at, last.*, (
        select coalesce(json_agg(json_build_array(me.user_id, me.role, me.last_read_seq, me.last_delivered_seq, rfc3339(me.joined_at), ${UNREAD_COUNT},
            case when me.muted_until > now() then rfc3339(me.muted_until) end, me.joined_seq) order by me.joined_at, me.user_id), '[]')
          from members me
          where me.conversation_id = c.id
            and (c.kind = 'DIRECT' or not exists (select 1 from user_deletions d where d.user_id = me.user_id))) as members
      from conversations c
      left join lateral (
        ${selectMessages('select m.* from messages m where m.conversation_id = $1 and m.seq = (select l.last_seq from conversations l where l.id = $1)')}
      ) last on true
      where c.id = $1`,
};
