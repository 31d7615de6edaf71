import { Blocks } from '../users/blocks.js';

/**
 * The rules of MESSAGE notifications, without I/O.
 *
 * Every message is a notification to each member but its sender. Unread ones of a conversation are one: a member has at most one unread
 * notification per conversation, whose count increases and whose text is that of the newest message. Reading up to a seq, or sending a
 * message oneself, marks it as read if no newer message is in it. It then stays in the list as read. An edit of the newest message changes the text, and
 * notifies no member again; a deleted message is not counted any more, and if it was the newest one, no text remains. A message that is sent while a
 * member has muted the conversation, or by a user that the member has blocked or was blocked by, is no notification to this member.
 */

/** A notification as it is stored; `seq`, ids, text and time are those of the newest message in it. */
export interface MessageNotification {
  id: string;
  userId: string;
  conversationId: string;
  messageId: string;
  senderId: string;
  seq: number;
  count: number;
  message: string;
  read: boolean;
  createdAt: string;
}

/** The state of one member of one conversation before the events are applied. */
export interface ReadState {
  conversationId: string;
  userId: string;
  /** Up to this seq no message needs a notification. */
  readSeq: number;
  /** Messages before this time need no notification. */
  mutedUntil?: string | null;
  unread: MessageNotification | null;
}

export interface MessageFact {
  kind: 'message';
  conversationId: string;
  messageId: string;
  seq: number;
  senderId: string;
  preview: string;
  createdAt: string;
  /** The users that may see it, the sender included. */
  audience: Iterable<string>;
}

export interface ReadFact {
  kind: 'read';
  conversationId: string;
  userId: string;
  seq: number;
}

/** The content of a message was changed. */
export interface EditFact extends Pick<MessageFact, 'conversationId' | 'messageId' | 'preview' | 'audience'> {
  kind: 'edited';
}

export interface DeletionFact extends Omit<MessageFact, 'kind' | 'preview'> {
  kind: 'deleted';
}

/** A member muted the conversation until a time; null: unmuted it. */
export interface MuteFact {
  kind: 'muted';
  conversationId: string;
  userId: string;
  until: string | null;
}

export type NotificationFact = MessageFact | ReadFact | EditFact | DeletionFact | MuteFact;

export interface NotificationChanges {
  /** New and changed notifications; those of one member in the order in which they were created. */
  notifications: MessageNotification[];
  /** The unread ones among them that a message created or added to: they are published live. */
  toPublish: MessageNotification[];
  /** Read states whose `readSeq` increased. */
  readStates: ReadState[];
  /** Read states whose `mutedUntil` changed. */
  muted: ReadState[];
}

/** Applies messages, their changes and read receipts in the order of the log. Users without a read state have no notifications. */
export function applyToNotifications(
  readStates: Iterable<ReadState>,
  facts: Iterable<NotificationFact>,
  newId: () => string,
  blocks = new Blocks(),
): NotificationChanges {
  const states = new Map<string, ReadState>();
  for (const state of readStates)
    states.set(keyOf(state.conversationId, state.userId), { ...state, unread: state.unread && { ...state.unread } });
  const changed = new Set<MessageNotification>();
  const toPublish = new Set<MessageNotification>();
  const advanced = new Set<ReadState>();
  const muted = new Set<ReadState>();

  function readUpTo(state: ReadState | undefined, seq: number): void {
    if (!state || seq <= state.readSeq) return;
    state.readSeq = seq;
    advanced.add(state);
    const { unread } = state;
    if (!unread) return;
    if (unread.seq <= seq) {
      unread.read = true;
      state.unread = null;
      changed.add(unread);
    } else if (unread.count > unread.seq - seq) {
      // seq is dense, and a member reads by sending: all messages after this seq are unread messages of other members.
      unread.count = unread.seq - seq;
      changed.add(unread);
    }
  }

  function notify(state: ReadState | undefined, message: MessageFact): void {
    if (!state || message.seq <= state.readSeq || isMuted(state, message) || blocks.has(state.userId, message.senderId)) return;
    const isNewest = !state.unread || message.seq > state.unread.seq;
    state.unread ??= emptyNotification(newId(), state);
    const { unread } = state;
    unread.count++;
    if (isNewest) {
      const { messageId, senderId, seq, createdAt } = message;
      Object.assign(unread, { messageId, senderId, seq, createdAt, message: message.preview });
    }
    changed.add(unread);
    toPublish.add(unread);
  }

  function edit(state: ReadState | undefined, { messageId, preview }: EditFact): void {
    if (state?.unread?.messageId !== messageId) return;
    state.unread.message = preview;
    changed.add(state.unread);
  }

  function remove(state: ReadState | undefined, { messageId, seq, senderId }: DeletionFact): void {
    const unread = state?.unread;
    if (!state || !unread) return;
    if (unread.messageId === messageId) unread.message = '';
    // With a count of one, only the newest message is counted: the others were sent while the conversation was muted, or by a blocked user.
    else if (seq <= state.readSeq || seq > unread.seq || senderId === state.userId || unread.count === 1) return;
    unread.count--;
    changed.add(unread);
    if (unread.count > 0) return;
    unread.count = 0;
    unread.read = true;
    state.unread = null;
  }

  function mute(state: ReadState | undefined, until: string | null): void {
    if (!state) return;
    state.mutedUntil = until;
    muted.add(state);
  }

  for (const fact of facts) {
    const stateOf = (userId: string) => states.get(keyOf(fact.conversationId, userId));
    if (fact.kind === 'read') {
      readUpTo(stateOf(fact.userId), fact.seq);
      continue;
    }
    if (fact.kind === 'muted') {
      mute(stateOf(fact.userId), fact.until);
      continue;
    }
    if (fact.kind === 'message') readUpTo(stateOf(fact.senderId), fact.seq);
    for (const userId of fact.audience) {
      if (fact.kind === 'edited') edit(stateOf(userId), fact);
      else if (fact.kind === 'deleted') remove(stateOf(userId), fact);
      else if (userId !== fact.senderId) notify(stateOf(userId), fact);
    }
  }
  return {
    notifications: [...changed],
    toPublish: [...toPublish].filter(({ read }) => !read),
    readStates: [...advanced],
    muted: [...muted],
  };
}

function isMuted({ mutedUntil }: ReadState, { createdAt }: MessageFact): boolean {
  return !!mutedUntil && Date.parse(createdAt) < Date.parse(mutedUntil);
}

function emptyNotification(id: string, { userId, conversationId }: ReadState): MessageNotification {
  return { id, userId, conversationId, messageId: '', senderId: '', seq: 0, count: 0, message: '', read: false, createdAt: '' };
}

function keyOf(conversationId: string, userId: string): string {
  return conversationId + userId;
}
