import type { ChatMember, ConversationMembers, MemberRole } from '@chat/shared/contracts';
import type { ReadQueries, Statement } from '../database/queries.js';

/** The members of these conversations, in the order in which they joined. */
export async function findMembers(queries: ReadQueries, conversationIds: string[]): Promise<Map<string, ChatMember[]>> {
  return membersByConversation(await queries.rows<MemberRow>(FIND_MEMBERS, [conversationIds]));
}

/** The same, of those conversations of which the user is a member, in the order of the ids. */
export async function findMembersFor(queries: ReadQueries, userId: string, conversationIds: string[]): Promise<ConversationMembers[]> {
  const found = membersByConversation(await queries.rows<MemberRow>(FIND_MEMBERS_FOR_MEMBER, [conversationIds, userId]));
  return conversationIds.flatMap((conversationId) => {
    const members = found.get(conversationId);
    return members ? [{ conversationId, members }] : [];
  });
}

interface MemberRow {
  conversation_id: string;
  user_id: string;
  role: MemberRole;
  last_read_seq: number;
  last_delivered_seq: number;
  joined_at: Date;
}

function membersByConversation(rows: MemberRow[]): Map<string, ChatMember[]> {
  const found = new Map<string, ChatMember[]>();
  for (const { conversation_id, user_id, role, last_read_seq, last_delivered_seq, joined_at } of rows) {
    let members = found.get(conversation_id);
    if (!members) found.set(conversation_id, (members = []));
    members.push({
      userId: user_id,
      role,
      lastReadSeq: last_read_seq,
      lastDeliveredSeq: last_delivered_seq,
      joinedAt: joined_at.toISOString(),
    });
  }
  return found;
}

/** A user whose deletion is in progress has left every group already. */
const membersWhere = (condition: string) => `
    select m.conversation_id, m.user_id, m.role, m.last_read_seq, m.last_delivered_seq, m.joined_at
      from members m join conversations c on c.id = m.conversation_id
      where ${condition}
        and (c.kind = 'DIRECT' or not exists (select 1 from user_deletions d where d.user_id = m.user_id))
      order by m.conversation_id, m.joined_at, m.user_id`;

const FIND_MEMBERS: Statement = { name: 'find_members', text: membersWhere('m.conversation_id = any ($1::uuid[])') };

const FIND_MEMBERS_FOR_MEMBER: Statement = {
  name: 'find_members_for_member',
  text: membersWhere(`m.conversation_id = any (array(
        select me.conversation_id from members me where me.conversation_id = any ($1::uuid[]) and me.user_id = $2))`),
};
