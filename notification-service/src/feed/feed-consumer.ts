import type { AssignedPartition, ReceivedBatch } from '@chat/shared/consumer';
import { Injectable } from '@nestjs/common';
import { FeedLog } from './feed-log.js';
import { FeedRecorder } from './feed-recorder.js';
import { LivePublisher } from './live-publisher.js';

/** What comes from Kafka: first stored, then published. */
@Injectable()
export class FeedConsumer {
  constructor(
    private readonly recorder: FeedRecorder,
    private readonly publisher: LivePublisher,
    private readonly feedLog: FeedLog,
  ) {}

  /** The publisher is told in the same turn in which the commit is known, so in the order of each partition. */
  async takeBatch(batch: ReceivedBatch): Promise<void> {
    this.publisher.accept(await this.recorder.record(batch));
  }

  takePartitions(assigned: AssignedPartition[]): void {
    this.publisher.assign(assigned.filter(({ topic }) => topic === this.feedLog.topic).map(({ partition }) => partition));
  }
}
