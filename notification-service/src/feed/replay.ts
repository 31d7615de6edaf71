import type { FeedPosition, FeedReplayRequest } from '@chat/shared/contracts';
import { Injectable } from '@nestjs/common';
import { feedNotReady, malformedPosition } from './feed.errors.js';
import { FeedLog } from './feed-log.js';
import { ReplayQueries } from './replay-queries.js';

interface EndRow {
  epoch: number;
  end_offsets: string[];
}

interface PageRow extends EndRow {
  recovered: boolean;
  reached: string[];
  events: string;
}

/**
 * Reads the feed for clients that missed events. It ends at the position that the consumer has committed, never at the end of the Kafka
 * log: all events up to there can be replayed, and all later ones will be published live.
 */
@Injectable()
export class FeedReplay {
  constructor(
    private readonly queries: ReplayQueries,
    private readonly feedLog: FeedLog,
  ) {}

  async endPosition(): Promise<FeedPosition> {
    const rows = await this.queries.rows<EndRow>('select epoch, end_offsets from feed_end($1, $2)', [
      this.feedLog.group,
      this.feedLog.topic,
    ]);
    if (!rows[0]) throw feedNotReady();
    return { epoch: rows[0].epoch, offsets: rows[0].end_offsets.map(Number) };
  }

  /**
   * One page of the events after a position that this user may see, as the JSON of a FeedPage: payloads are passed on as the text that is
   * stored.
   *
   * `recovered` is false for a position of another epoch, one whose next events were purged, and one beyond the end. The last is no bad
   * input: the cursor of a correct client is beyond the end when the database was restored from a backup. The client then loads its state
   * anew, which is right in every case. Only a position with another number of partitions than its epoch has is rejected.
   *
   * `signal` is aborted when the client does not wait for the page any more; then it is not computed further.
   */
  async page(userId: string, { after, limit }: FeedReplayRequest, signal?: AbortSignal): Promise<string> {
    const rows = await this.queries.rows<PageRow>(
      'select epoch, end_offsets, recovered, reached, events from replay_feed($1, $2, $3, $4, $5, $6)',
      [this.feedLog.group, this.feedLog.topic, userId, after.epoch, after.offsets, limit],
      signal,
    );
    if (!rows[0]) throw feedNotReady();
    const { epoch, end_offsets: endOffsets, recovered, reached, events } = rows[0];
    if (after.epoch === epoch && after.offsets.length !== endOffsets.length) throw malformedPosition();
    const done = reached.every((offset, partition) => offset === endOffsets[partition]);
    return `{"recovered":${recovered},"events":[${events}],"position":{"epoch":${epoch},"offsets":[${reached.join(',')}]},"done":${done}}`;
  }
}
