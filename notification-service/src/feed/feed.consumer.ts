import type { AssignedPartition, ReceivedBatch } from '@chat/shared/consumer';
import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { NotificationFact } from '../notifications/apply.js';
import { updateMessageNotifications } from '../notifications/message-notifications.js';
import { previewOf } from '../notifications/preview.js';
import { createSystemNotifications } from '../notifications/system-notifications.js';
import { storeBlocks } from '../users/blocks.js';
import { storeNames } from '../users/names.js';
import { RECORDER_DATABASE } from './databases.js';
import { recordDeletion } from './delete-user.js';
import { feedRecordsOf, type RecordedBatch } from './feed-event.js';
import { FeedLog } from './feed-log.js';
import { raiseLowerBound } from './lower-bound.js';
import { storeFeedEvents, type NewEvent } from './feed-store.js';
import { LivePublisher } from './live-publisher.js';

/** Entry point of the Kafka records: a batch is stored, then published. */
@Injectable()
export class FeedConsumer {
  constructor(
    @Inject(RECORDER_DATABASE) private readonly dataSource: DataSource,
    private readonly feedLog: FeedLog,
    private readonly publisher: LivePublisher,
  ) {}

  /** Nothing is awaited between the commit and `accept`, so the publisher receives the batches of a partition in commit order. */
  async consumeBatch(batch: ReceivedBatch): Promise<void> {
    this.publisher.accept(await recordBatch(this.dataSource, this.feedLog, batch));
  }

  /** Called before the records of these partitions. */
  async assignPartitions(assigned: AssignedPartition[]): Promise<void> {
    const ofFeed = assigned.filter(({ topic }) => topic === this.feedLog.topic);
    await raiseLowerBound(this.dataSource, ofFeed);
    this.publisher.assign(ofFeed.map(({ partition }) => partition));
  }
}

/**
 * Stores a batch of records of all partitions in one transaction: names, feed rows, memberships, notifications, read states and the
 * consumer's positions. So a record takes effect exactly once: the position of a redelivered record is already stored, and an event that
 * was published again has a known event id; only events that are new in the feed, and not older than its retention, have an effect.
 *
 * The records of a conversation arrive in order, and one process at a time consumes a partition (positions are stored by compare-and-set).
 * Against the REST requests of users the read states are locked.
 */
export async function recordBatch(dataSource: DataSource, { group, retentionDays }: FeedLog, batch: ReceivedBatch): Promise<RecordedBatch> {
  for (const { type, payload } of batch.records)
    if (type === 'UserDeleted') await recordDeletion(dataSource, payload.userId, payload.deletedAt);
  return await dataSource.transaction(async (manager) => {
    // First, so that a process that lost the partition stops here.
    await batch.storePositions(manager);
    await storeNames(manager, batch.records);
    await storeBlocks(manager, batch.records);
    const system = await createSystemNotifications(manager, group, batch.records);
    const records = feedRecordsOf(batch.records);
    if (records.length === 0) return { events: [], notifications: system };
    const { events, ...state } = await storeFeedEvents(manager, records, retentionDays);
    const facts = events.map(factOf).filter((fact) => fact !== null);
    const notifications = await updateMessageNotifications(manager, { ...state, facts });
    return { events, notifications: [...system, ...notifications] };
  });
}

/** What an event means for notifications. A message of a deleted user notifies no member. */
function factOf({ record, audience, isTombstone, isLate }: NewEvent): NotificationFact | null {
  if (isLate) return null;
  const { type, payload } = record;
  if (type === 'ReceiptsAdvanced') {
    const { conversationId, userId, lastReadSeq } = payload;
    return { kind: 'read', conversationId, userId, seq: lastReadSeq };
  }
  if (type === 'ConversationMuted') {
    const { conversationId, userId, mutedUntil } = payload;
    return { kind: 'muted', conversationId, userId, until: mutedUntil };
  }
  if (type === 'MessageDeleted' || (type === 'MessageUpdated' && isTombstone)) {
    const { conversationId, messageId, seq, senderId, createdAt } = payload;
    return { kind: 'deleted', conversationId, messageId, seq, senderId, createdAt, audience };
  }
  if (type === 'MessageUpdated') {
    const { conversationId, messageId, content } = payload;
    return { kind: 'edited', conversationId, messageId, preview: previewOf(content), audience };
  }
  if (type !== 'MessageCreated' || isTombstone) return null;
  const { conversationId, messageId, seq, senderId, content, createdAt } = payload;
  return { kind: 'message', conversationId, messageId, seq, senderId, preview: previewOf(content), createdAt, audience };
}
