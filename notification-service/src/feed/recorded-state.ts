import type { Reader } from '../notifications/message-notifications.js';
import type { Person } from '../people/people.js';
import type { Membership } from './membership.js';

/** What the SQL function record_events answers with: all that the rules need. */
export interface RecordedState {
  /** Event ids that the feed did not have. */
  fresh: Set<string>;
  /** By conversation; of every conversation in the batch. */
  memberships: Map<string, Membership[]>;
  /** Locked until the transaction ends. */
  readers: Reader[];
  /** The senders whose names are known. */
  people: Map<string, Person>;
  /** Those of the senders and new members who deleted the account, and when. */
  deleted: Map<string, string>;
}

type MembershipRow = [string, string, number, number, number | null, number | null];
type ReaderRow = [string, string, number, string | null, string, string, number, number, string, string];
type PersonRow = [string, string, string | null, string | null];

export function readRecordedState(state: unknown): RecordedState {
  const { fresh, members, readers, people, deleted } = state as {
    fresh: string[];
    members: MembershipRow[];
    readers: ReaderRow[];
    people: PersonRow[];
    deleted: [string, string][];
  };
  const memberships = new Map<string, Membership[]>();
  for (const [conversationId, userId, fromEpoch, fromOffset, untilEpoch, untilOffset] of members) {
    const membership = { conversationId, userId, fromEpoch, fromOffset, untilEpoch, untilOffset };
    const others = memberships.get(conversationId);
    if (others) others.push(membership);
    else memberships.set(conversationId, [membership]);
  }
  return {
    fresh: new Set(fresh),
    memberships,
    readers: readers.map(toReader),
    people: new Map(people.map(([userId, username, firstName, lastName]) => [userId, { userId, username, firstName, lastName }])),
    deleted: new Map(deleted.map(([userId, deletedAt]) => [userId, new Date(deletedAt).toISOString()])),
  };
}

function toReader([conversationId, userId, readSeq, id, messageId, senderId, seq, count, message, createdAt]: ReaderRow): Reader {
  const open = id === null ? null : { id, userId, conversationId, messageId, senderId, seq, count, message, read: false, createdAt };
  return { conversationId, userId, readSeq, open };
}
