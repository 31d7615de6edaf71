import type { FeedEvent, FeedPage, FeedPosition, Notification } from '@chat/shared/contracts';
import type { ReceivedBatch } from '@chat/shared/consumer';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { RecordedBatch } from '../../src/feed/feed-event.js';
import { deletePart } from '../../src/feed/delete-user.js';
import { recordBatch } from '../../src/feed/feed.consumer.js';
import { FeedLog } from '../../src/feed/feed-log.js';
import { applyPending, conversationsWithPending } from '../../src/feed/pending-notifications.js';
import { createReplayPool } from '../../src/feed/databases.js';
import { FeedReplay } from '../../src/feed/replay.js';
import { ReplayQueries } from '../../src/feed/replay-queries.js';
import { NotificationsService } from '../../src/notifications/notifications.service.js';
import { FakeLog, feedLog } from './fake-log.js';
import { createFeedDatabase, type FeedDatabase } from './feed-database.js';

/** The feed of a test file: its own database, and a new log, so another epoch, for every test. */
export class TestFeed {
  log: FakeLog;
  epoch = 0;
  notifications: NotificationsService;
  replay: FeedReplay;
  queries: ReplayQueries;
  #database: FeedDatabase | undefined;

  /** Groups with more members are large. */
  constructor(private readonly largeGroup?: number) {}

  get dataSource(): DataSource {
    return this.#database!.dataSource;
  }

  async open(): Promise<void> {
    this.#database = await createFeedDatabase();
    this.notifications = new NotificationsService(this.dataSource);
    this.queries = new ReplayQueries(createReplayPool(this.#database.config), this.dataSource);
    this.replay = new FeedReplay(this.queries, feedLog);
  }

  async close(): Promise<void> {
    await this.queries?.onApplicationShutdown();
    await this.#database?.close();
  }

  /** The log is replaced by a new one. */
  async beginLog(partitions = 2): Promise<void> {
    this.log = await FakeLog.begin(this.dataSource, { epoch: ++this.epoch, partitions });
  }

  /** Writes an event to the present log. */
  readonly write: FakeLog['write'] = (...args) => this.log.write(...args);

  /** Records what was written since the last batch, and finishes the deletions of users in it. */
  readonly record = async (batch: ReceivedBatch = this.log.batch()): Promise<RecordedBatch & { hasPending: boolean }> => {
    const { group, retentionDays } = feedLog;
    const recorded = await recordBatch(this.dataSource, new FeedLog(group, retentionDays, this.largeGroup), batch);
    if (batch.records.some(({ type }) => type === 'UserDeleted')) await finishDeletions(this.dataSource);
    return recorded;
  };

  /** Does what PendingNotificationsWorker does, and returns the notifications that it publishes. */
  async applyPending(maxEvents?: number): Promise<Notification[]> {
    const published: Notification[] = [];
    for (const conversationId of await conversationsWithPending(this.dataSource, null, 100))
      for (let isLast = false; !isLast;) {
        const applied = await applyPending(this.dataSource, conversationId, maxEvents);
        published.push(...(applied?.notifications ?? []));
        isLast = applied?.isLast ?? true;
      }
    return published;
  }

  readonly listOf = async (userId: string): Promise<Notification[]> =>
    (await this.notifications.list(userId, { page: 1, limit: 100, unreadOnly: false })).data;

  readonly page = async (userId: string, after: FeedPosition, limit = 500): Promise<FeedPage> =>
    JSON.parse(await this.replay.page(userId, { after, limit })) as FeedPage;

  /** The position before the first event of the log. */
  beginning(): FeedPosition {
    return { epoch: this.epoch, offsets: Array.from({ length: this.log.partitions }, () => -1) };
  }

  async replayedTo(userId: string): Promise<FeedEvent[]> {
    return (await this.page(userId, this.beginning())).events;
  }
}

/** What FeedDeletionWorker does. */
export async function finishDeletions(dataSource: DataSource): Promise<void> {
  while ((await deletePart(dataSource)) !== 'idle');
}

export function useFeed({ partitions = 2, largeGroup }: { partitions?: number; largeGroup?: number } = {}): TestFeed {
  const feed = new TestFeed(largeGroup);
  beforeAll(() => feed.open());
  afterAll(() => feed.close());
  beforeEach(() => feed.beginLog(partitions));
  return feed;
}
