import type {
  ChatConversation,
  ConversationForMembers,
  ConversationKind,
  ConversationMembers,
  ConversationSummary,
  FileDescription,
} from '@chat/shared/contracts';
import { Injectable } from '@nestjs/common';
import { ReadQueries, type Statement } from '../database/queries.js';
import { PICTURE } from '../files/files.queries.js';
import { type MessageRow, selectMessages, toChatMessage } from '../messages/messages.queries.js';
import { UNREAD_COUNT } from '../receipts/receipts.queries.js';
import { findConversationForMembers } from './conversation-for-members.js';
import { findMembers, findMembersFor } from './conversation-members.js';

/** Conversations for one of their members, in three queries however many there are: the conversations, their members unless they are not needed, their last messages. */
@Injectable()
export class ConversationQueries {
  constructor(private readonly queries: ReadQueries) {}

  /** A page of the user's conversations, the one with the newest message first. */
  async page(
    userId: string,
    page: number,
    limit: number,
    omitsMembers: boolean,
  ): Promise<{ conversations: ConversationSummary[]; total: number }> {
    const [count, rows] = await Promise.all([
      this.queries.row<{ total: number }>(COUNT_CONVERSATIONS, [userId]),
      this.queries.rows<ConversationRow>(LIST_CONVERSATIONS, [userId, limit, (page - 1) * limit]),
    ]);
    return { conversations: await (omitsMembers ? this.#summaries(rows) : this.#complete(rows)), total: count!.total };
  }

  /** In the order of the ids; conversations that the user is not a member of are left out. */
  async byIds(userId: string, conversationIds: string[]): Promise<ChatConversation[]> {
    return this.#complete(await this.queries.rows<ConversationRow>(FIND_CONVERSATIONS, [userId, conversationIds]));
  }

  /** The same, without members. */
  async summariesByIds(userId: string, conversationIds: string[]): Promise<ConversationSummary[]> {
    return this.#summaries(await this.queries.rows<ConversationRow>(FIND_CONVERSATIONS, [userId, conversationIds]));
  }

  /** The members of those conversations of which the user is one. */
  members(userId: string, conversationIds: string[]): Promise<ConversationMembers[]> {
    return findMembersFor(this.queries, userId, conversationIds);
  }

  /** As each of its members sees it; null if there is none. */
  forMembers(conversationId: string): Promise<ConversationForMembers | null> {
    return findConversationForMembers(this.queries, conversationId);
  }

  async #complete(rows: ConversationRow[]): Promise<ChatConversation[]> {
    if (rows.length === 0) return [];
    const [summaries, members] = await Promise.all([
      this.#summaries(rows),
      findMembers(
        this.queries,
        rows.map(({ id }) => id),
      ),
    ]);
    return summaries.map((summary) => ({ ...summary, members: members.get(summary.id) ?? [] }));
  }

  async #summaries(rows: ConversationRow[]): Promise<ConversationSummary[]> {
    const visible = rows.filter(hasVisibleMessage);
    const seqs = [visible.map((row) => row.id), visible.map((row) => row.last_seq)];
    const lastMessages = visible.length === 0 ? [] : await this.queries.rows<MessageRow>(FIND_LAST_MESSAGES, seqs);
    const lastMessageOf = new Map(lastMessages.map((message) => [message.conversation_id, message]));
    return rows.map((row) => {
      const lastMessage = lastMessageOf.get(row.id);
      return {
        id: row.id,
        kind: row.kind,
        title: row.title,
        picture: row.picture,
        lastMessage: lastMessage ? toChatMessage(lastMessage) : null,
        lastMessageAt: hasVisibleMessage(row) ? (row.last_message_at?.toISOString() ?? null) : null,
        lastSeq: row.last_seq,
        unreadCount: row.unread_count,
        mutedUntil: row.muted_until?.toISOString() ?? null,
        createdAt: row.created_at.toISOString(),
      };
    });
  }
}

interface ConversationRow {
  id: string;
  kind: ConversationKind;
  title: string | null;
  picture: FileDescription | null;
  last_seq: number;
  /** The user sees the messages after it. */
  joined_seq: number;
  last_message_at: Date | null;
  created_at: Date;
  unread_count: number;
  /** Null when it is in the past. */
  muted_until: Date | null;
}

function hasVisibleMessage({ last_seq, joined_seq }: ConversationRow): boolean {
  return last_seq > joined_seq;
}

const CONVERSATION_COLUMNS = `c.id, c.kind, c.title, ${PICTURE} as picture, c.last_seq, me.joined_seq, c.last_message_at, c.created_at, ${UNREAD_COUNT} as unread_count,
  case when me.muted_until > now() then me.muted_until end as muted_until`;

const COUNT_CONVERSATIONS: Statement = {
  name: 'count_conversations',
  text: `select count(*)::int as total from members where user_id = $1`,
};

/**
 * By the index members_of_user, then a sort of the user's conversations. The time of the last message in the members table as well would avoid
 * the sort, but every send would have to write a row and an index entry for each member. Unread counts are computed for the page only. A
 * conversation whose messages the user does not see is as new as the membership.
 */
const LIST_CONVERSATIONS: Statement = {
  name: 'list_conversations',
  text: `
    select ${CONVERSATION_COLUMNS}
      from (
        select c.*, m.last_read_seq, m.unread_deleted, m.joined_seq, m.muted_until,
            coalesce(case when c.last_seq > m.joined_seq then c.last_message_at end, m.joined_at) as active_at
          from members m join conversations c on c.id = m.conversation_id
          where m.user_id = $1
          order by active_at desc, c.id desc
          limit $2 offset $3
      ) c
      cross join lateral (select c.last_read_seq, c.unread_deleted, c.joined_seq, c.muted_until) me
      order by c.active_at desc, c.id desc`,
};

const FIND_CONVERSATIONS: Statement = {
  name: 'find_conversations',
  text: `
    select ${CONVERSATION_COLUMNS}
      from unnest($2::uuid[]) with ordinality as requested (id, position)
      join conversations c on c.id = requested.id
      join members me on me.conversation_id = c.id and me.user_id = $1
      order by requested.position`,
};

const FIND_LAST_MESSAGES: Statement = {
  name: 'find_last_messages',
  text: selectMessages(`select m.* from unnest($1::uuid[], $2::int[]) as last (conversation_id, seq)
    join messages m on m.conversation_id = last.conversation_id and m.seq = last.seq`),
};
