import type { AssignedPartition, ReceivedBatch } from '@chat/shared/consumer';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { FeedLog } from './feed-log.js';
import { LivePublisher } from './live-publisher.js';
import { recordBatch } from './record-batch.js';

/** Entry point of the Kafka records: a batch is stored, then published. */
@Injectable()
export class FeedConsumer {
  constructor(
    private readonly dataSource: DataSource,
    private readonly feedLog: FeedLog,
    private readonly publisher: LivePublisher,
  ) {}

  /** Nothing is awaited between the commit and `accept`, so the publisher receives the batches of a partition in commit order. */
  async consumeBatch(batch: ReceivedBatch): Promise<void> {
    this.publisher.accept(await recordBatch(this.dataSource, this.feedLog, batch));
  }

  assignPartitions(assigned: AssignedPartition[]): void {
    this.publisher.assign(assigned.filter(({ topic }) => topic === this.feedLog.topic).map(({ partition }) => partition));
  }
}
