import { Injectable } from '@nestjs/common';
import { CleanupJob } from '../jobs/cleanup-job.js';

/** Deletes refresh tokens and sessions that ran out, by the index of expires_at. */
@Injectable()
export class SessionCleanup extends CleanupJob {
  protected readonly what = 'sessions that ran out';

  async purge(): Promise<void> {
    await this.deleteInBatches('refresh_tokens', 'hash', 'expires_at < now()');
    // The refresh tokens that are left go with their session.
    await this.deleteInBatches('sessions', 'id', 'expires_at < now()');
  }
}
