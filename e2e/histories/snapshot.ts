import type { TestUser } from '@chat/testkit/user';

export interface SnapshotMessage {
  id: string;
  seq: number;
  senderId: string;
  content: string;
  editedAt: string | null;
  deletedAt: string | null;
  mentions: string[];
  attachments: { id: string }[];
  replyTo: { id: string } | null;
  reactions: { emoji: string; count: number; userIds: string[] }[];
}

export interface SnapshotMember {
  userId: string;
  role: string;
  lastReadSeq: number;
  lastDeliveredSeq: number;
}

/** What a client shows of one conversation. */
export interface Snapshot {
  id: string;
  kind: string;
  title: string | null;
  picture: { id: string } | null;
  lastSeq: number;
  unreadCount: number;
  /** Of the user. */
  mutedUntil: string | null;
  members: SnapshotMember[];
  messages: SnapshotMessage[];
}

const MESSAGE =
  'id seq senderId content editedAt deletedAt mentions attachments { id width } replyTo { id } reactions { emoji count userIds }';
const CONVERSATION = 'id kind title picture { id } lastSeq unreadCount mutedUntil members { userId role lastReadSeq lastDeliveredSeq }';
const LOAD = `query ($id: ID!, $of: String!, $after: Int!) {
  getConversation(conversationId: $id) { ${CONVERSATION} }
  getMessages(conversationId: $of, afterSeq: $after, limit: 100) { data { ${MESSAGE} } hasNewer }
}`;
const message = (type: string) => `... on ${type} { message { conversationId ${MESSAGE} } }`;

/** The subscription `events` with all that a snapshot has. `remaining`: a field that may be null cannot have the name of one that is never null. */
export const EVENTS = `subscription ($after: String) { events(after: $after) { __typename cursor
  ... on StreamOpened { recovered }
  ${['MessageCreated', 'MessageUpdated', 'MessageDeleted', 'ReactionsChanged'].map(message).join(' ')}
  ... on ReceiptsAdvanced { conversationId userId lastReadSeq lastDeliveredSeq }
  ... on ConversationCreated { conversation { ${CONVERSATION} } }
  ... on ConversationUpdated { conversation { ${CONVERSATION} } }
  ... on MembersChanged { conversationId removed remaining: conversation { ${CONVERSATION} } } } }`;

/** Loads a conversation by queries; null when the user is not a member. */
export async function loadSnapshot(user: TestUser, conversationId: string): Promise<Snapshot | null> {
  const messages: SnapshotMessage[] = [];
  for (;;) {
    const after = messages.at(-1)?.seq ?? 0;
    const { data, errors } = await user.ask(LOAD, { id: conversationId, of: conversationId, after });
    if (errors.length > 0 && errors.every(({ code }) => code === 'NOT_FOUND')) return null;
    if (errors.length > 0) throw new Error(errors.map(({ code, message: text }) => `${code}: ${text}`).join('; '));
    messages.push(...data!['getMessages'].data);
    if (!data!['getMessages'].hasNewer) return { ...data!['getConversation'], messages };
  }
}

/** A text that is the same for equal snapshots: the order of members has no meaning. */
export function canonical(snapshot: Snapshot | null): string {
  if (!snapshot) return 'not a member';
  const members = snapshot.members.toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
  return JSON.stringify({ ...snapshot, members }, sortedKeys, 1);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
