import { columnsOf } from '@chat/shared/database';
import type { EntityManager } from 'typeorm';
import type { ReadState } from '../notifications/apply.js';
import type { FeedRecord } from './feed-event.js';
import { type Membership, type MembershipRow, toMembership } from './membership.js';

type MembersChanged = Extract<FeedRecord, { type: 'MembersChanged' }>;

/** What the changes of members in a batch have led to. */
export interface ChangedMemberships {
  /** All memberships of the conversations whose members have changed. */
  memberships: Membership[];
  /** Their conversations. */
  conversations: Set<string>;
  /** Whether this user was added or removed. */
  isChanged(state: ReadState): boolean;
  /** Of the users that were added. */
  readStates: ReadState[];
}

/** The answer of the SQL function change_memberships. */
interface ChangeMembershipsResult {
  members: MembershipRow[];
  changed: string[];
  read_states: [conversationId: string, userId: string, readSeq: number][];
}

/** The records of a batch that change members. */
export function membersChangedIn(records: FeedRecord[]): MembersChanged[] {
  return records.filter((record): record is MembersChanged => record.type === 'MembersChanged');
}

/** Applies them in their order, after `record_events`; null without any. Deleted users are not added. */
export async function changeMemberships(
  manager: EntityManager,
  records: FeedRecord[],
  { isNew, deleted, retentionDays }: { isNew: Set<string>; deleted: { has(userId: string): boolean }; retentionDays: number },
): Promise<ChangedMemberships | null> {
  const changes = membersChangedIn(records);
  if (changes.length === 0) return null;
  const numbered = (usersOf: (payload: MembersChanged['payload']) => string[]) =>
    changes.flatMap(({ payload }, i) => usersOf(payload).map((userId) => ({ change: i + 1, userId })));
  const added = numbered((payload) => payload.added.map(({ userId }) => userId).filter((userId) => !deleted.has(userId)));
  const removed = numbered((payload) => payload.removed);
  const [row] = await manager.query<{ state: ChangeMembershipsResult }[]>(
    'select change_memberships($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as state',
    [
      ...columnsOf(changes, ['epoch', 'offset']),
      changes.map(({ payload }) => payload.conversationId),
      ...columnsOf(changes, ['occurredAt']),
      changes.map(({ payload }) => payload.lastSeq),
      changes.map(({ eventId }) => isNew.has(eventId)),
      retentionDays,
      ...columnsOf(added, ['change', 'userId']),
      ...columnsOf(removed, ['change', 'userId']),
    ],
  );
  const { members, changed, read_states: readStates } = row!.state;
  const changedKeys = new Set(changed);
  return {
    memberships: members.map(toMembership),
    conversations: new Set(changes.map(({ payload }) => payload.conversationId)),
    isChanged: ({ conversationId, userId }) => changedKeys.has(conversationId + userId),
    readStates: readStates.map(([conversationId, userId, readSeq]) => ({ conversationId, userId, readSeq, unread: null })),
  };
}
