import type { DatabaseConfig, KafkaConfig } from '@chat/shared/config';
import type { EventToPublish } from '@chat/shared/events';
import { silentLog } from '@chat/shared/observability';
import { appendToOutbox, createOutboxTable, OutboxRelay } from '@chat/shared/outbox';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { SCHEMA } from '../../src/data-source.js';

/** Publishes the events of other services, by an outbox in the schema of presence-service, which publishes none itself. */
export class OtherServices {
  private constructor(
    private readonly dataSource: DataSource,
    private readonly relay: OutboxRelay,
  ) {}

  static async start(dataSource: DataSource, database: DatabaseConfig, kafka: KafkaConfig): Promise<OtherServices> {
    await createOutboxTable(dataSource);
    const relay = new OutboxRelay({ config: database, schema: SCHEMA, kafka, logger: silentLog });
    relay.start();
    return new OtherServices(dataSource, relay);
  }

  stop(): Promise<void> {
    return this.relay.stop();
  }

  async publish(...events: EventToPublish[]): Promise<void> {
    await appendToOutbox(this.dataSource, ...events);
    this.relay.wake();
  }

  /** Earlier events of the same key are then handled, too. */
  async untilHandled(eventId: string): Promise<void> {
    await eventually(async () => (await this.dataSource.query('select 1 from inbox where event_id = $1', [eventId])).length > 0);
  }

  async publishIsPublic(userId: string, isPublic: boolean, eventId: string = randomUUID()): Promise<void> {
    const fields = { username: 'ada', firstName: null, lastName: null, bio: null, location: null, website: null };
    const images = { pictureId: null, coverImageId: null, change: 'UPDATED' };
    const payload = { ...fields, ...images, userId, isPublic, updatedAt: new Date().toISOString() };
    await this.publish({ type: 'ProfileUpdated', key: userId, payload, eventId });
    await this.untilHandled(eventId);
  }

  async publishRegistered(userId: string, eventId: string = randomUUID()): Promise<void> {
    const payload = { userId, username: 'ada', firstName: null, lastName: null, registeredAt: new Date().toISOString() };
    await this.publish({ type: 'UserRegistered', key: userId, payload, eventId });
    await this.untilHandled(eventId);
  }

  async publishDeleted(userId: string, eventId: string = randomUUID()): Promise<void> {
    await this.publish({ type: 'UserDeleted', key: userId, payload: { userId, deletedAt: new Date().toISOString() }, eventId });
    await this.untilHandled(eventId);
  }

  async publishBlocked(userId: string, blockedUserId: string): Promise<void> {
    const eventId = randomUUID();
    await this.publish({
      type: 'UserBlocked',
      key: userId,
      payload: { userId, blockedUserId, blockedAt: new Date().toISOString() },
      eventId,
    });
    await this.untilHandled(eventId);
  }

  async publishUnblocked(userId: string, unblockedUserId: string): Promise<void> {
    const eventId = randomUUID();
    const payload = { userId, unblockedUserId, unblockedAt: new Date().toISOString() };
    await this.publish({ type: 'UserUnblocked', key: userId, payload, eventId });
    await this.untilHandled(eventId);
  }

  async publishConversation(userIds: string[], conversationId: string = randomUUID(), eventId: string = randomUUID()): Promise<void> {
    await this.publish(conversationCreated(userIds, conversationId, eventId));
    await this.untilHandled(eventId);
  }

  async publishMembersChanged(
    conversationId: string,
    { added = [], removed = [] }: { added?: string[]; removed?: string[] },
  ): Promise<void> {
    const eventId = randomUUID();
    const changed = { added: added.map((userId) => ({ userId, role: 'MEMBER' })), removed, changedRoles: [], lastSeq: 0 };
    const payload = { conversationId, ...changed, changedBy: randomUUID(), changedAt: new Date().toISOString() };
    await this.publish({ type: 'MembersChanged', key: conversationId, payload, eventId });
    await this.untilHandled(eventId);
  }
}

export function conversationCreated(userIds: string[], conversationId: string, eventId: string): EventToPublish {
  const members = userIds.map((userId) => ({ userId, role: 'MEMBER' }));
  const payload = { conversationId, kind: 'GROUP', title: null, members, createdBy: userIds[0]!, createdAt: new Date().toISOString() };
  return { type: 'ConversationCreated', key: conversationId, payload, eventId };
}

export function messageCreated(conversationId: string, seq: number): EventToPublish {
  const ids = {
    messageId: randomUUID(),
    conversationId,
    senderId: randomUUID(),
    receiverId: null,
    replyToId: null,
    mentions: [],
    attachments: [],
  };
  const payload = { ...ids, seq, content: 'hello', clientMessageId: null, createdAt: new Date().toISOString() };
  return { type: 'MessageCreated', key: conversationId, payload };
}
