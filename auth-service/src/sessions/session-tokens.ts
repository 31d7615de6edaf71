import { Injectable } from '@nestjs/common';
import type { AuthTokens } from '@chat/shared/contracts';
import type { EntityManager } from 'typeorm';
import { mustEnrolInMfa } from '../accounts/account-rules.js';
import { toAccountView } from '../accounts/account-views.js';
import type { Account } from '../accounts/account.entity.js';
import { AuthConfig } from '../config.js';
import { hashOf } from '../secrets/one-time-secrets.js';
import { AccessTokenIssuer } from './access-token-issuer.js';
import { RefreshToken } from './refresh-token.entity.js';

/** The tokens of a session: stores refresh tokens, issues access tokens. */
@Injectable()
export class SessionTokens {
  constructor(
    private readonly config: AuthConfig,
    private readonly accessTokens: AccessTokenIssuer,
  ) {}

  async issue(account: Account, sessionId: string, refreshToken: string): Promise<AuthTokens> {
    const forMfaEnrolment = mustEnrolInMfa(account, this.config);
    return {
      accessToken: await this.accessTokens.issue(account.id, sessionId, { forMfaEnrolment }),
      refreshToken,
      expiresInSeconds: this.config.accessTokenSeconds,
      user: toAccountView(account),
    };
  }

  async store(manager: EntityManager, refreshToken: string, { id, expiresAt }: { id: string; expiresAt: Date }): Promise<void> {
    await manager.getRepository(RefreshToken).insert({ hash: hashOf(refreshToken), sessionId: id, expiresAt });
  }

  /** A session never outlives its maximum lifetime, however often it is refreshed. */
  expiryOf(now: Date, startedAt: Date): Date {
    const { refreshTokenSeconds, sessionMaxSeconds } = this.config;
    return new Date(Math.min(now.getTime() + refreshTokenSeconds * 1000, startedAt.getTime() + sessionMaxSeconds * 1000));
  }
}
