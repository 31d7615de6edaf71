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

  send(senderId: string, content = `message ${this.lastSeq + 1}`, eventId?: string) {
    return this.write(
      'MessageCreated',
      this.id,
      {
        messageId: newId(),
        conversationId: this.id,
        seq: ++this.lastSeq,
        senderId,
        receiverId: this.members.length === 2 ? this.members.find((id) => id !== senderId)! : null,
        content,
        clientMessageId: randomUUID(),
        createdAt: new Date().toISOString(),
      },
      eventId,
    );
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

export function deleteAccount(write: Write, userId: string, eventId?: string) {
  return write('UserDeleted', userId, { userId, deletedAt: new Date().toISOString() }, eventId);
}
