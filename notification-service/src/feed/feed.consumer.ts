import type { AssignedPartition, ReceivedBatch } from '@chat/shared/consumer';
import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { NotificationFact } from '../notifications/apply.js';
import { updateMessageNotifications } from '../notifications/message-notifications.js';
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
import { type FactKind, factKindOf, toFact } from './notification-facts.js';
import { storePending } from './pending-notifications.js';
import { PendingNotificationsWorker } from './pending-notifications.worker.js';

/** Entry point of the Kafka records: a batch is stored, then published. */
@Injectable()
export class FeedConsumer {
  constructor(
    @Inject(RECORDER_DATABASE) private readonly dataSource: DataSource,
    private readonly feedLog: FeedLog,
    private readonly publisher: LivePublisher,
    private readonly pendingNotifications: PendingNotificationsWorker,
  ) {}

  /** Nothing is awaited between the commit and `accept`, so the publisher receives the batches of a partition in commit order. */
  async consumeBatch(batch: ReceivedBatch): Promise<void> {
    const recorded = await recordBatch(this.dataSource, this.feedLog, batch);
    this.publisher.accept(recorded);
    if (recorded.hasPending) this.pendingNotifications.wake();
  }

  /** Called before the records of these partitions. */
  async assignPartitions(assigned: AssignedPartition[]): Promise<void> {
    const ofFeed = assigned.filter(({ topic }) => topic === this.feedLog.topic);
    await raiseLowerBound(this.dataSource, ofFeed);
    this.publisher.assign(ofFeed.map(({ partition }) => partition));
    this.pendingNotifications.wake();
  }
}

/**
 * Stores a batch of records of all partitions in one transaction: names, feed rows, memberships, notifications, read states and the
 * consumer's positions. So a record takes effect exactly once: the position of a redelivered record is already stored, and an event that
 * was published again has a known event id; only events that are new in the feed, and not older than its retention, have an effect.
 *
 * The records of a conversation arrive in order, and one process at a time consumes a partition (positions are stored by compare-and-set).
 * Against the REST requests of users the read states are locked. The notifications of large groups are changed later (pending-notifications.ts).
 */
export async function recordBatch(
  dataSource: DataSource,
  feedLog: FeedLog,
  batch: ReceivedBatch,
): Promise<RecordedBatch & { hasPending: boolean }> {
  for (const { type, payload } of batch.records)
    if (type === 'UserDeleted') await recordDeletion(dataSource, payload.userId, payload.deletedAt);
  return await dataSource.transaction(async (manager) => {
    // First, so that a process that lost the partition stops here.
    await batch.storePositions(manager);
    await storeNames(manager, batch.records);
    await storeBlocks(manager, batch.records);
    const system = await createSystemNotifications(manager, feedLog.group, batch.records);
    const records = feedRecordsOf(batch.records);
    if (records.length === 0) return { events: [], notifications: system, hasPending: false };
    const { events, deferred, ...state } = await storeFeedEvents(manager, records, feedLog);
    const facts: NotificationFact[] = [];
    const pending: { event: NewEvent; kind: FactKind }[] = [];
    for (const event of events) {
      const kind = factKindOf(event);
      if (kind === null) continue;
      const { conversationId } = event.event;
      if (deferred.has(conversationId)) pending.push({ event, kind });
      else facts.push(toFact(kind, event.record.payload, event.audience));
    }
    if (pending.length > 0) await storePending(manager, pending);
    const notifications = await updateMessageNotifications(manager, { ...state, facts });
    return { events, notifications: [...system, ...notifications], hasPending: pending.length > 0 };
  });
}
