import type { FeedPosition, FeedReplayRequest } from '@chat/shared/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { feedNotReady, malformedPosition } from './feed.errors.js';
import { FeedLog } from './feed-log.js';

interface HeadRow {
  epoch: number;
  head: string[];
}

interface PageRow extends HeadRow {
  recovered: boolean;
  reached: string[];
  events: string;
}

/**
 * Reads the feed for whoever comes back. The head is what the consumer has committed, never what Kafka has: everything
 * up to it can be replayed, everything after it will be published live.
 */
@Injectable()
export class FeedReplay {
  constructor(
    private readonly dataSource: DataSource,
    private readonly feedLog: FeedLog,
  ) {}

  async head(): Promise<FeedPosition> {
    const rows = (await this.dataSource.query('select epoch, head from feed_head($1, $2)', [
      this.feedLog.group,
      this.feedLog.topic,
    ])) as HeadRow[];
    if (!rows[0]) throw feedNotReady();
    return { epoch: rows[0].epoch, offsets: rows[0].head.map(Number) };
  }

  /**
   * One page of what this user may see after a position, as the JSON of a FeedPage: payloads are passed on as the text
   * they are stored as.
   *
   * `recovered` is false for a position of another epoch, one below the floor of the retention, and one beyond the head.
   * The last is no bad input: an honest client gets there when the database was restored from a backup, and cannot help
   * it. It loads its state afresh, which is right whatever happened. Only a position with another number of partitions
   * than its epoch has is none of ours.
   */
  async page(userId: string, { after, limit }: FeedReplayRequest): Promise<string> {
    const rows = (await this.dataSource.query('select epoch, head, recovered, reached, events from replay_feed($1, $2, $3, $4, $5, $6)', [
      this.feedLog.group,
      this.feedLog.topic,
      userId,
      after.epoch,
      after.offsets,
      limit,
    ])) as PageRow[];
    if (!rows[0]) throw feedNotReady();
    const { epoch, head, recovered, reached, events } = rows[0];
    if (after.epoch === epoch && after.offsets.length !== head.length) throw malformedPosition();
    const done = reached.every((offset, partition) => offset === head[partition]);
    return `{"recovered":${recovered},"events":[${events}],"position":{"epoch":${epoch},"offsets":[${reached.join(',')}]},"done":${done}}`;
  }
}
