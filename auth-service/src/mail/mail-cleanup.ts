import { Injectable } from '@nestjs/common';
import { CleanupJob } from '../jobs/cleanup-job.js';
import type { PurgedRows } from '../jobs/purge.js';

/** Purges expired links. */
@Injectable()
export class MailCleanup extends CleanupJob {
  protected rowsToPurge(): PurgedRows[] {
    return [{ table: 'mail_tokens', key: 'hash', where: 'expires_at < now()' }];
  }
}
