import { randomUUID } from 'node:crypto';
import { newId } from '@chat/shared/database';
import type { EventPayloads, EventType } from '@chat/shared/events';

/** Writes an event: to the fake log, or by a producer. */
type Write = <T extends EventType>(type: T, key: string, payload: EventPayloads[T], eventId?: string) => unknown;

/** A conversation in a test: writes the events that chat-service publishes. */
export class Conversation {
  readonly id = newId();
  lastSeq = 0;

  constructor(
    private readonly write: Write,
    readonly members: string[] = [newId(), newId()],
  ) {}

  create(eventId?: string) {
    return this.write(
      'ConversationCreated',
      this.id,
      {
        conversationId: this.id,
        kind: this.members.length === 2 ? 'DIRECT' : 'GROUP',
        title: null,
        members: this.members.map((userId) => ({ userId, role: 'MEMBER' })),
        createdBy: this.members[0]!,
        createdAt: new Date().toISOString(),
      },
      eventId,
    );
  }

  /** The event has the id of the message, unless it is given. */
  send(senderId: string, content = `message ${this.lastSeq + 1}`, eventId?: string, mentions: string[] = []) {
    const messageId = newId();
    return this.write(
      'MessageCreated',
      this.id,
      {
        messageId,
        conversationId: this.id,
        seq: ++this.lastSeq,
        senderId,
        receiverId: this.members.length === 2 ? this.members.find((id) => id !== senderId)! : null,
        content,
        clientMessageId: randomUUID(),
        createdAt: new Date().toISOString(),
        replyToId: null,
        mentions,
        attachments: [attachment()],
      },
      eventId ?? messageId,
    );
  }

  changeMembers(
    {
      added = [],
      removed = [],
      changedRoles = [],
    }: { added?: string[]; removed?: string[]; changedRoles?: EventPayloads['MembersChanged']['changedRoles'] },
    eventId?: string,
  ) {
    return this.write(
      'MembersChanged',
      this.id,
      {
        conversationId: this.id,
        added: added.map((userId) => ({ userId, role: 'MEMBER' })),
        removed,
        changedRoles,
        lastSeq: this.lastSeq,
        changedBy: this.members[0]!,
        changedAt: new Date().toISOString(),
      },
      eventId,
    );
  }

  rename(title: string) {
    return this.write('ConversationUpdated', this.id, {
      conversationId: this.id,
      title,
      pictureId: null,
      updatedBy: this.members[0]!,
      updatedAt: new Date().toISOString(),
    });
  }

  mute(userId: string, mutedUntil: string | null) {
    return this.write('ConversationMuted', this.id, { conversationId: this.id, userId, mutedUntil, mutedAt: new Date().toISOString() });
  }

  read(userId: string, seq = this.lastSeq) {
    return this.write('ReceiptsAdvanced', this.id, {
      conversationId: this.id,
      userId,
      lastReadSeq: seq,
      lastDeliveredSeq: seq,
      advancedAt: new Date().toISOString(),
    });
  }
}

export function attachment(): EventPayloads['MessageCreated']['attachments'][number] {
  const size = { sizeBytes: 1000, width: 20, height: 10, durationSeconds: null, waveform: null };
  return { id: randomUUID(), kind: 'IMAGE', fileName: 'cat.png', mimeType: 'image/png', ...size, createdAt: new Date().toISOString() };
}

type Message = EventPayloads['MessageCreated'];

/** The events of the changes of a message. */
export class MessageChanges {
  #content: string;
  #editedAt: string | null = null;
  #reactions: EventPayloads['ReactionsChanged']['reactions'] = [];

  constructor(
    private readonly write: Write,
    private readonly message: Message,
  ) {
    this.#content = message.content;
  }

  edit(content: string) {
    this.#content = content;
    this.#editedAt = new Date().toISOString();
    return this.write('MessageUpdated', this.message.conversationId, { ...this.#state(), editedAt: this.#editedAt });
  }

  react(userId: string, emoji: string) {
    return this.setReactions(userId, [...this.#reactions, { emoji, count: 1, userIds: [userId] }]);
  }

  setReactions(userId: string, reactions: EventPayloads['ReactionsChanged']['reactions']) {
    this.#reactions = reactions;
    const changed = { changedBy: userId, changedAt: new Date().toISOString() };
    return this.write('ReactionsChanged', this.message.conversationId, { ...this.#state(), ...changed });
  }

  delete(deletedBy = this.message.senderId) {
    const { content: _content, replyToId: _replyToId, mentions: _mentions, attachments: _attachments, ...identity } = this.message;
    return this.write('MessageDeleted', identity.conversationId, { ...identity, deletedBy, deletedAt: new Date().toISOString() });
  }

  #state() {
    return { ...this.message, content: this.#content, editedAt: this.#editedAt, reactions: this.#reactions };
  }
}

export function register(write: Write, userId: string, names: Partial<EventPayloads['UserRegistered']> = {}) {
  return write('UserRegistered', userId, {
    userId,
    username: `user-${userId.slice(-6)}`,
    firstName: null,
    lastName: null,
    registeredAt: new Date().toISOString(),
    ...names,
  });
}

export function signInFromNewDevice(
  write: Write,
  userId: string,
  {
    sessionId = newId(),
    signedInAt = new Date().toISOString(),
    eventId,
  }: { sessionId?: string; signedInAt?: string; eventId?: string } = {},
) {
  return write('SignedInFromNewDevice', userId, { userId, sessionId, signedInAt }, eventId);
}

export function block(write: Write, userId: string, blockedUserId: string) {
  return write('UserBlocked', userId, { userId, blockedUserId, blockedAt: new Date().toISOString() });
}

export function unblock(write: Write, userId: string, unblockedUserId: string) {
  return write('UserUnblocked', userId, { userId, unblockedUserId, unblockedAt: new Date().toISOString() });
}

export function deleteAccount(write: Write, userId: string, eventId?: string) {
  return write('UserDeleted', userId, { userId, deletedAt: new Date().toISOString() }, eventId);
}
