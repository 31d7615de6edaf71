import type { Log } from '@chat/shared/observability';
import { provisionTestKafka, type TestKafka } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeedLog } from '../src/feed/feed-log.js';
import { findUnsafeSettings, TopicRetentionCheck } from '../src/feed/topic-retention.js';

let kafka: TestKafka;
beforeAll(async () => {
  kafka = await provisionTestKafka();
});
afterAll(() => kafka.drop());

/** What the service logs at its start, with a feed of so many days. */
async function errorsAtStart(retentionDays: number): Promise<string[]> {
  const errors: string[] = [];
  const log = { error: (_fields: object, text: string) => errors.push(text) } as unknown as Log;
  await new TopicRetentionCheck(new FeedLog('notification', retentionDays), kafka.config, log).run();
  return errors;
}

describe('at the start the retention of the feed is compared with that of its topic', () => {
  it('a topic that keeps records as long as the feed, or longer, is as it should be', async () => {
    expect(await errorsAtStart(30)).toEqual([]);
    expect(await errorsAtStart(7)).toEqual([]);
  });

  it('a topic that keeps less is an error in the log, which names both values', async () => {
    expect(await errorsAtStart(31)).toEqual([
      expect.stringContaining('retention.ms is 2592000000, less than the 31 days of FEED_RETENTION_DAYS'),
    ]);
  });

  it('a limit of bytes and compaction are errors, too; records that are kept for ever are not', () => {
    const found = findUnsafeSettings(
      new Map([
        ['retention.ms', '-1'],
        ['retention.bytes', '1000000'],
        ['cleanup.policy', 'compact'],
      ]),
      30,
    );
    expect(found.map((problem) => problem.split(' ')[0])).toEqual(['retention.bytes', 'cleanup.policy']);
  });
});
