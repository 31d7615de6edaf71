import { findDeletedUsers } from '@chat/shared/consumer';
import { columnsOf } from '@chat/shared/database';
import type { EntityManager } from 'typeorm';
import type { FeedRecord } from './feed-event.js';
import type { Membership } from './membership.js';

/**
 * Adds the members of direct conversations that have none: their ConversationCreated was lost with a part of the log, or Kafka had deleted it
 * before this schema was made anew. Sender and receiver of a message are the two members; from the first such record on they see the events.
 * Deleted users are left out. Call it with the new records, and the conversations that have members. Returns what it has added.
 */
export async function addMissingMembers(
  manager: EntityManager,
  records: FeedRecord[],
  conversations: { has(conversationId: string): boolean },
): Promise<Membership[]> {
  const first = new Map<string, Membership[]>();
  for (const { type, payload, epoch: fromEpoch, offset: fromOffset } of records) {
    if (type !== 'MessageCreated' || payload.receiverId === null) continue;
    const { conversationId, senderId, receiverId } = payload;
    if (conversations.has(conversationId) || first.has(conversationId)) continue;
    const position = { fromEpoch, fromOffset, untilEpoch: null, untilOffset: null, fromSeq: 0 };
    first.set(
      conversationId,
      [senderId, receiverId].map((userId) => ({ conversationId, userId, ...position })),
    );
  }
  if (first.size === 0) return [];
  const found = [...first.values()].flat();
  const deletedUsers = await findDeletedUsers(
    manager,
    found.map(({ userId }) => userId),
  );
  const members = found.filter(({ userId }) => !deletedUsers.has(userId));
  await manager.query(
    `with members as (
       insert into memberships (conversation_id, user_id, from_epoch, from_offset)
       select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::bigint[]) on conflict do nothing)
     insert into read_states (conversation_id, user_id) select * from unnest($1::uuid[], $2::uuid[]) on conflict do nothing`,
    columnsOf(members, ['conversationId', 'userId', 'fromEpoch', 'fromOffset']),
  );
  return members;
}
