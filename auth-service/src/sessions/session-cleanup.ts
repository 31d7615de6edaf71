import { Injectable } from '@nestjs/common';
import { CleanupJob } from '../jobs/cleanup-job.js';
import type { PurgedRows } from '../jobs/purge.js';

/** Purges expired sessions and refresh tokens. */
@Injectable()
export class SessionCleanup extends CleanupJob {
  protected rowsToPurge(): PurgedRows[] {
    return [
      { table: 'refresh_tokens', key: 'hash', where: 'expires_at < now()' },
      // Deleting a session deletes its remaining refresh tokens.
      { table: 'sessions', key: 'id', where: 'expires_at < now()' },
    ];
  }
}
