import type { DataSource } from 'typeorm';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import { revokeAllSessions } from './revoke-all-sessions.js';

const USERS_PER_TRANSACTION = 200;
/** An insert has at most 65,535 parameters, eight for each event. */
const EVENTS_PER_INSERT = 5000;

/**
 * Revokes all sessions of one user or of all users, for an operator (`cli/sessions.command.ts`). A running auth-service publishes the revocations: it
 * polls every two seconds for revoked sessions that are not published. One that starts later publishes them then.
 */
export class OperatorRevocation {
  readonly #auditLog: AuditLogService;

  constructor(private readonly dataSource: DataSource) {
    this.#auditLog = new AuditLogService(dataSource);
  }

  /** The number of revoked sessions; null if there is no such user. */
  async ofUser(userId: string): Promise<number | null> {
    const [account] = await this.dataSource.query<unknown[]>('select 1 from accounts where id = $1', [userId]);
    return account ? this.#revoke([userId]) : null;
  }

  /** In batches, so that no transaction locks many rows for long. If it is interrupted, run it again. */
  async ofAllUsers(): Promise<number> {
    let revoked = 0;
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const users = await this.dataSource.query<{ id: string }[]>('select id from accounts where id > $1 order by id limit $2', [
        after,
        USERS_PER_TRANSACTION,
      ]);
      if (users.length === 0) return revoked;
      revoked += await this.#revoke(users.map(({ id }) => id));
      after = users.at(-1)!.id;
    }
  }

  #revoke(userIds: string[]): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const revoked = await revokeAllSessions(manager, userIds);
      for (let at = 0; at < revoked.length; at += EVENTS_PER_INSERT) {
        const batch = revoked.slice(at, at + EVENTS_PER_INSERT);
        const details = { by: 'operator' };
        await this.#auditLog.recordAll(
          manager,
          batch.map(({ id: sessionId, userId }) => ({ userId, type: 'session-revoked', sessionId, details })),
        );
      }
      return revoked.length;
    });
  }
}
