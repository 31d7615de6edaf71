import { Injectable } from '@nestjs/common';
import type { AuthTokens } from '@chat/shared/contracts';
import { decodeJwt } from 'jose';
import { DataSource } from 'typeorm';
import { SecurityEventsService } from '../security-events/security-events.service.js';
import type { ClientDetails } from '../sessions/client-details.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { deleteSomeExpired, hashOf, verifierFits } from './one-time-secrets.js';

/**
 * What codes were exchanged for. One that comes again, with the right verifier, is in the hands of two: the session that it opened ends
 * (RFC 6749, 4.1.2).
 */
@Injectable()
export class UsedCodes {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
    private readonly securityEvents: SecurityEventsService,
  ) {}

  async remember(code: string, codeChallenge: string | null, expiresAt: Date, { accessToken, user }: AuthTokens): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await deleteSomeExpired(manager, 'oauth_used_codes', 'hash');
      await manager.query(
        'insert into oauth_used_codes (hash, code_challenge, user_id, session_id, expires_at) values ($1, $2, $3, $4, $5)',
        [hashOf(code), codeChallenge, user.userId, decodeJwt(accessToken).sid, expiresAt],
      );
    });
  }

  async endSessionOf(code: string, codeVerifier: string | undefined, client: ClientDetails): Promise<void> {
    const [used] = await this.dataSource.query<{ userId: string; sessionId: string; codeChallenge: string | null }[]>(
      `select user_id as "userId", session_id as "sessionId", code_challenge as "codeChallenge"
         from oauth_used_codes where hash = $1 and expires_at > clock_timestamp()`,
      [hashOf(code)],
    );
    if (!used || !verifierFits(codeVerifier, used.codeChallenge)) return;
    const { userId, sessionId } = used;
    const ended = await this.dataSource.transaction(async (manager) => {
      const revoked = await this.sessions.revokeOne(manager, used);
      if (revoked.length > 0)
        await this.securityEvents.record(manager, {
          userId,
          type: 'session-revoked',
          client,
          sessionId,
          details: { by: 'code-used-again' },
        });
      return revoked;
    });
    await this.sessions.announce(ended);
  }
}
