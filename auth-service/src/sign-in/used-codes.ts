import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { purgeSomeExpired } from '../jobs/purge.js';
import { hashOf } from '../secrets/one-time-secrets.js';
import { verifierMatches } from '../secrets/pkce.js';
import { SessionsService } from '../sessions/sessions.service.js';

const REMEMBERED_SECONDS = 60;

interface UsedCode {
  userId: string | null;
  sessionId: string | null;
}

/**
 * What codes were exchanged for. One that comes again, with the right verifier, is in the hands of two: what came of it ends (RFC 6749,
 * 4.1.2). A use is noted in the transaction that takes the code away; a repetition leaves its mark there; and the transaction that opens the
 * session notes it there, or finds the mark and opens none. So one of the two sees the other, also where both come at once or a second
 * factor is asked for in between.
 */
@Injectable()
export class UsedCodes {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
    private readonly auditLog: AuditLogService,
  ) {}

  /** In the transaction that takes the code away. */
  async recordUse(manager: EntityManager, hash: Buffer, codeChallenge: string | null): Promise<void> {
    await purgeSomeExpired(manager, 'oauth_used_codes', 'hash');
    await manager.query(
      `insert into oauth_used_codes (hash, code_challenge, expires_at) values ($1, $2, clock_timestamp() + make_interval(secs => $3))`,
      [hash, codeChallenge, REMEMBERED_SECONDS],
    );
  }

  /** Whether a sign-in that waits for its second factor must not go on. Until the transaction ends nothing changes about that. */
  async wasReplayed(manager: EntityManager, hash: Buffer): Promise<boolean> {
    const [used] = await manager.query<{ wasReplayed: boolean }[]>(
      'select replayed_at is not null as "wasReplayed" from oauth_used_codes where hash = $1 for update',
      [hash],
    );
    // Nothing is known of it any more: it took far too long.
    return used?.wasReplayed ?? true;
  }

  /** A second factor is asked for first: the code is remembered as long as that is awaited. */
  async keepUntil(manager: EntityManager, hash: Buffer, expiresAt: Date): Promise<void> {
    await manager.query('update oauth_used_codes set expires_at = greatest(expires_at, $2) where hash = $1', [hash, expiresAt]);
  }

  /** In the transaction that opens the session. False: there must be none, as the code has come again. */
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

  /** Somebody has come with a code that is none any more. */
  async revokeReplayedCodeSessions(code: string, codeVerifier: string | undefined, client: ClientDetails): Promise<void> {
    const hash = hashOf(code);
    const [found] = await this.dataSource.query<{ codeChallenge: string | null }[]>(
      'select code_challenge as "codeChallenge" from oauth_used_codes where hash = $1',
      [hash],
    );
    if (!found || !verifierMatches(codeVerifier, found.codeChallenge)) return;
    // Committed before the session is looked at: with both locked at once, this and the deletion of the account could wait for each other.
    const [[used]] = await this.dataSource.query<[UsedCode[], number]>(
      `update oauth_used_codes set replayed_at = coalesce(replayed_at, clock_timestamp())
        where hash = $1 and expires_at > clock_timestamp() returning user_id as "userId", session_id as "sessionId"`,
      [hash],
    );
    if (used?.userId && used.sessionId) await this.#endSession({ userId: used.userId, sessionId: used.sessionId }, client);
  }

  async #endSession(session: { userId: string; sessionId: string }, client: ClientDetails): Promise<void> {
    const revoked = await this.dataSource.transaction(async (manager) => {
      const revoked = await this.sessions.revokeOne(manager, session);
      if (revoked.length > 0)
        await this.auditLog.record(manager, { ...session, type: 'session-revoked', client, details: { by: 'code-used-again' } });
      return revoked;
    });
    await this.sessions.publishRevocations(revoked);
  }
}
