import { type DeletionState, UserDeletionWorker } from '@chat/shared/consumer';
import { type Log, LOGGER } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import { ReadQueries, type Statement } from '../database/queries.js';

const CONVERSATIONS_PER_PART = 50;
const ROWS_PER_PART = 50;

/** Makes the messages of deleted users tombstones, and removes their memberships. */
@Injectable()
export class MessageDeletionWorker extends UserDeletionWorker {
  constructor(
    @Inject(LOGGER) log: Log,
    private readonly queries: ReadQueries,
  ) {
    super(log);
  }

  protected override async deletePart(): Promise<DeletionState> {
    const row = await this.queries.row<{ state: DeletionState }>(CONTINUE, [CONVERSATIONS_PER_PART, ROWS_PER_PART]);
    return row!.state;
  }
}

/** sql/continue_user_deletion.sql */
const CONTINUE: Statement = { name: 'continue_user_deletion', text: 'select continue_user_deletion($1, $2) as state' };
