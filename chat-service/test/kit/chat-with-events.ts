import type { KafkaConfig } from '@chat/shared/config';
import { newId } from '@chat/shared/database';
import { appendToOutbox } from '@chat/shared/outbox';
import { provisionTestKafka } from '@chat/shared/testing';
import type { DataSource } from 'typeorm';
import { createChatDataSource } from '../../src/data-source.js';
import { Chat, eventually } from './chat.js';

/** chat-service with Kafka, to which a test publishes events of auth-service. */
export class ChatWithEvents {
  private constructor(
    readonly chat: Chat,
    readonly dataSource: DataSource,
    readonly kafka: KafkaConfig,
    private readonly dropTopics: () => Promise<unknown>,
  ) {}

  static async start(): Promise<ChatWithEvents> {
    const kafka = await provisionTestKafka();
    const chat = await Chat.start({ kafka: kafka.config });
    const dataSource = await createChatDataSource(chat.database.config).initialize();
    return new ChatWithEvents(chat, dataSource, kafka.config, () => kafka.drop());
  }

  async stop(): Promise<void> {
    await this.dataSource.destroy();
    await this.chat.stop();
    await this.dropTopics();
  }

  /** Publishes UserDeleted, and waits until the data of the user is deleted. */
  async deleteUser(userId: string): Promise<void> {
    await this.publish('UserDeleted', userId);
    await eventually(async () => (await this.chat.rows('select 1 from user_deletions where user_id = $1', [userId])).length === 0, {
      timeoutMs: 60_000,
    });
  }

  /** As auth-service publishes it: the relay publishes every row of the outbox. Waits until it is consumed. */
  async publish(type: 'UserDeleted' | 'UserRegistered', userId: string): Promise<void> {
    const eventId = newId();
    const now = new Date().toISOString();
    if (type === 'UserDeleted') await appendToOutbox(this.dataSource, { type, key: userId, payload: { userId, deletedAt: now }, eventId });
    else {
      const payload = { userId, username: 'ada', firstName: null, lastName: null, registeredAt: now };
      await appendToOutbox(this.dataSource, { type, key: userId, payload, eventId });
    }
    await eventually(async () => (await this.chat.rows('select 1 from inbox where event_id = $1', [eventId])).length > 0);
  }
}
