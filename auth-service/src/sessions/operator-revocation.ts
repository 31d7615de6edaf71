import type { DataSource } from 'typeorm';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import { revokeAllSessions } from './revoke-all-sessions.js';

const BATCH_SIZE = 200;

/**
 * For `npm run sessions`: ends all sessions of one user, or of everybody. The others are told by the auth-service that runs, which looks
 * every two seconds for sessions that were ended and not announced; one that starts later does so then.
 */
export class OperatorRevocation {
  readonly #auditLog: AuditLogService;

  constructor(private readonly dataSource: DataSource) {
    this.#auditLog = new AuditLogService(dataSource);
  }

  /** How many sessions were revoked; null when there is no such user. */
  async ofUser(userId: string): Promise<number | null> {
    const [account] = await this.dataSource.query<unknown[]>('select 1 from accounts where id = $1', [userId]);
    return account ? this.#revoke([userId]) : null;
  }

  /** In batches, so that no transaction holds many rows for long. When it is stopped halfway, run it again. */
  async ofAllUsers(): Promise<number> {
    let revoked = 0;
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await this.dataSource.query<{ id: string }[]>(`select id from accounts where id > $1 order by id limit ${BATCH_SIZE}`, [
        after,
      ]);
      if (rows.length === 0) return revoked;
      revoked += await this.#revoke(rows.map(({ id }) => id));
      after = rows.at(-1)!.id;
    }
  }

  #revoke(userIds: string[]): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const revoked = await revokeAllSessions(manager, userIds);
      for (const { id: sessionId, userId } of revoked)
        await this.#auditLog.record(manager, { userId, type: 'session-revoked', sessionId, details: { by: 'operator' } });
      return revoked.length;
    });
  }
}
