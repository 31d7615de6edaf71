import { type DeletionState, UserDeletionWorker } from '@chat/shared/consumer';
import { type Log, LOGGER } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { deletePart } from './delete-user.js';

/** Deletes what the feed, the notifications and the memberships contain of deleted users. */
@Injectable()
export class FeedDeletionWorker extends UserDeletionWorker {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(LOGGER) log: Log,
  ) {
    super(log);
  }

  protected override async deletePart(): Promise<DeletionState> {
    return await deletePart(this.dataSource);
  }
}
