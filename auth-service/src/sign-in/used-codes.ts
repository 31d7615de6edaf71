import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { purgeSomeExpired } from '../jobs/purge.js';
import { hashOf } from '../secrets/one-time-secrets.js';
import { verifierMatches } from '../secrets/pkce.js';
import { SessionsService } from '../sessions/sessions.service.js';

const KEPT_SECONDS = 60;

interface UsedCode {
  userId: string | null;
  sessionId: string | null;
}

/**
 * Detects replayed one-time codes of OAuth. A code that is exchanged twice, with the right verifier, has been stolen: the session of the
 * first exchange is revoked (RFC 6749, section 4.1.2).
 *
 * The use is recorded in the transaction that deletes the code, a replay is recorded in the same row, and the transaction that creates the
 * session records the session there, or finds the replay and creates none. So one of two exchanges sees the other, even if both are
 * concurrent or a second factor is requested in between.
 */
@Injectable()
export class UsedCodes {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
    private readonly auditLog: AuditLogService,
  ) {}

  /** Call it in the transaction that deletes the code. */
  async recordUse(manager: EntityManager, hash: Buffer, codeChallenge: string | null): Promise<void> {
    await purgeSomeExpired(manager, 'oauth_used_codes', 'hash');
    await manager.query(
      `insert into oauth_used_codes (hash, code_challenge, expires_at) values ($1, $2, clock_timestamp() + make_interval(secs => $3))`,
      [hash, codeChallenge, KEPT_SECONDS],
    );
  }

  /** Whether a sign-in that waits for its second factor must be refused. The result stays true until the transaction ends. */
  async wasReplayed(manager: EntityManager, hash: Buffer): Promise<boolean> {
    const [used] = await manager.query<{ wasReplayed: boolean }[]>(
      'select replayed_at is not null as "wasReplayed" from oauth_used_codes where hash = $1 for update',
      [hash],
    );
    // The record has expired: the sign-in took too long.
    return used?.wasReplayed ?? true;
  }

  /** Keeps the record as long as the second factor can be given. */
  async keepUntil(manager: EntityManager, hash: Buffer, expiresAt: Date): Promise<void> {
    await manager.query('update oauth_used_codes set expires_at = greatest(expires_at, $2) where hash = $1', [hash, expiresAt]);
  }

  /** In the transaction that creates the session. False: the code was replayed, so there must be no session. */
  async recordSession(
    manager: EntityManager,
    hash: Buffer,
    { userId, sessionId }: { userId: string; sessionId: string },
  ): Promise<boolean> {
    const [, noted] = await manager.query<[unknown[], number]>(
      'update oauth_used_codes set user_id = $2, session_id = $3 where hash = $1 and replayed_at is null',
      [hash, userId, sessionId],
    );
    return noted === 1;
  }

  /** Handles the exchange of a code that is unknown or used. */
  async revokeReplayedCodeSessions(code: string, codeVerifier: string | undefined, client: ClientDetails): Promise<void> {
    const hash = hashOf(code);
    const [found] = await this.dataSource.query<{ codeChallenge: string | null }[]>(
      'select code_challenge as "codeChallenge" from oauth_used_codes where hash = $1',
      [hash],
    );
    if (!found || !verifierMatches(codeVerifier, found.codeChallenge)) return;
    // Committed before the session is locked: with locks on both, this and the deletion of the account could wait for each other.
    const [[used]] = await this.dataSource.query<[UsedCode[], number]>(
      `update oauth_used_codes set replayed_at = coalesce(replayed_at, clock_timestamp())
        where hash = $1 and expires_at > clock_timestamp() returning user_id as "userId", session_id as "sessionId"`,
      [hash],
    );
    if (used?.userId && used.sessionId) await this.#revokeSession({ userId: used.userId, sessionId: used.sessionId }, client);
  }

  async #revokeSession(session: { userId: string; sessionId: string }, client: ClientDetails): Promise<void> {
    const revoked = await this.dataSource.transaction(async (manager) => {
      const revoked = await this.sessions.revokeOne(manager, session);
      if (revoked.length > 0)
        await this.auditLog.record(manager, { ...session, type: 'session-revoked', client, details: { by: 'code-used-again' } });
      return revoked;
    });
    await this.sessions.publishRevocations(revoked);
  }
}
