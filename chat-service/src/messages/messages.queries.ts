import type { ChatMessage, ChatReaction, FileDescription, MessageStatus } from '@chat/shared/contracts';
import type { Statement } from '../database/queries.js';
import { JOIN_RECEIPT, RECEIPTS_OF_PAGE } from '../receipts/receipts.queries.js';

/**
 * Every query of messages begins with this: `page` is a query of their rows in the table messages; then `m` is the message, `c` its conversation, `r` its
 * reactions. The messages of a user whose deletion is in progress are shown as tombstones already.
 */
export const selectMessages = (page: string) => `
with page as materialized (${page}),${RECEIPTS_OF_PAGE}
select m.id, m.conversation_id, m.seq, m.sender_id, m.created_at, receipt.status, receipt.read_at,
    case when d.user_id is null then m.content else '' end as content,
    case when d.user_id is null then m.client_message_id end as client_message_id,
    case when d.user_id is null then m.reply_to_id end as reply_to_id,
    case when d.user_id is null then m.mentions end as mentions,
    case when d.user_id is null then m.attachments end as attachments,
    case when d.user_id is null then r.reactions end as reactions,
    case when d.user_id is null then m.edited_at end as edited_at,
    coalesce(m.deleted_at, d.deleted_at) as deleted_at,
    case when c.direct_low = m.sender_id then c.direct_high else c.direct_low end as receiver_id,
    -- No member joined after the message.
    lowest.latest_joined_seq < m.seq as is_visible_to_all
  from page m
  join conversations c on c.id = m.conversation_id
  cross join shown_reactions(m.id) r
  left join user_deletions d on d.user_id = m.sender_id ${JOIN_RECEIPT}`;

export interface MessageRow {
  id: string;
  conversation_id: string;
  seq: number;
  sender_id: string;
  receiver_id: string | null;
  content: string;
  reply_to_id: string | null;
  mentions: string[] | null;
  attachments: FileDescription[] | null;
  reactions: ChatReaction[] | null;
  client_message_id: string | null;
  created_at: Date;
  edited_at: Date | null;
  deleted_at: Date | null;
  status: MessageStatus;
  read_at: Date | null;
  /** False if a member joined after the message. */
  is_visible_to_all: boolean;
}

export function toChatMessage(row: MessageRow): ChatMessage {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    seq: row.seq,
    senderId: row.sender_id,
    receiverId: row.receiver_id,
    content: row.content,
    replyToId: row.reply_to_id,
    mentions: row.mentions ?? [],
    attachments: row.attachments ?? [],
    reactions: row.reactions ?? [],
    clientMessageId: row.client_message_id,
    status: row.status,
    createdAt: row.created_at.toISOString(),
    editedAt: row.edited_at?.toISOString() ?? null,
    deletedAt: row.deleted_at?.toISOString() ?? null,
    readAt: row.read_at?.toISOString() ?? null,
  };
}

/** Whether user $2 is a member that sees message `m`: the messages after the seq of joining. */
export const IS_VISIBLE = `exists (
  select 1 from members me where me.conversation_id = m.conversation_id and me.user_id = $2 and me.joined_seq < m.seq)`;

export const FIND_MESSAGE: Statement = {
  name: 'find_message',
  text: selectMessages(`select m.* from messages m where m.id = $1 and ${IS_VISIBLE}`),
};

export const FIND_MESSAGES: Statement = {
  name: 'find_messages',
  text: selectMessages(`select m.* from messages m where m.id = any ($1::uuid[]) and ${IS_VISIBLE}`),
};

export const LIST_MESSAGES: Statement = {
  name: 'list_messages',
  text: `${selectMessages('select m.* from messages m where m.conversation_id = $1 and m.seq between $2 and $3')} order by m.seq`,
};

/** The seqs that a member sees are those after joined_seq, up to last_seq. */
export const VISIBLE_SEQS: Statement = {
  name: 'visible_seqs',
  text: `
    select me.joined_seq as "joinedSeq", c.last_seq as "lastSeq" from conversations c
      join members me on me.conversation_id = c.id and me.user_id = $2
      where c.id = $1`,
};

/** Earlier versions, oldest first, by the primary key of message_versions. */
export const LIST_VERSIONS: Statement = {
  name: 'list_message_versions',
  text: `select v.content, v.created_at from message_versions v where v.message_id = $1 order by v.version limit $2 offset $3`,
};

export const COUNT_VERSIONS: Statement = {
  name: 'count_message_versions',
  text: `select count(*)::int as total from message_versions where message_id = $1`,
};
