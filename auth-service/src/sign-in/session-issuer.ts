import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { AuthTokens } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { EntityManager } from 'typeorm';
import type { Account } from '../accounts/account.entity.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { KnownDevicesService } from '../client/known-devices.service.js';
import type { RevokedSession } from '../sessions/revocation-publisher.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { SignInAttempt } from './sign-in-origin.js';
import { badCode } from './sign-in.errors.js';
import { publishSignedInFromNewDevice } from './sign-in.events.js';
import { UsedCodes } from './used-codes.js';

export interface IssuedSession {
  tokens: AuthTokens;
  /** Call it after the commit. */
  afterCommit: () => Promise<void>;
}

/** Creates the session of a sign-in that passed all checks, records its device, and writes both to the audit log. */
@Injectable()
export class SessionIssuer {
  constructor(
    private readonly sessions: SessionsService,
    private readonly auditLog: AuditLogService,
    private readonly knownDevices: KnownDevicesService,
    private readonly usedCodes: UsedCodes,
  ) {}

  /** For an account that was created in this transaction. */
  async issueFirst(manager: EntityManager, account: Account, client: ClientDetails): Promise<AuthTokens> {
    const sessionId = newId();
    await this.recordRegistration(manager, account, client, sessionId);
    return this.sessions.create(manager, account, client, sessionId);
  }

  /** For an account that gets no session before its address is confirmed. */
  async recordRegistration(manager: EntityManager, { id: userId }: Account, client: ClientDetails, sessionId?: string): Promise<void> {
    await this.auditLog.record(manager, { userId, type: 'registered', client, ...(sessionId !== undefined && { sessionId }) });
    await this.knownDevices.record(manager, userId, client);
  }

  /** Revokes the session whose access token the client presented, if it belongs to the same account: the new one replaces it. */
  async issue(
    manager: EntityManager,
    account: Account,
    { method, client, presented, codeHash }: SignInAttempt,
    { secondFactor }: { secondFactor: boolean },
  ): Promise<IssuedSession> {
    const userId = account.id;
    const sessionId = newId();
    const tokens = await this.sessions.create(manager, account, client, sessionId);
    if (codeHash && !(await this.usedCodes.recordSession(manager, codeHash, { userId, sessionId }))) throw badCode();
    await this.auditLog.record(manager, { userId, type: 'signed-in', client, sessionId, details: { method, secondFactor } });
    if ((await this.knownDevices.record(manager, userId, client)) === 'new') {
      await this.auditLog.record(manager, { userId, type: 'signed-in-from-new-device', client, sessionId });
      await publishSignedInFromNewDevice(manager, { userId, sessionId, signedInAt: new Date() });
    }
    const revoked = presented?.userId === userId ? await this.#revoke(manager, presented, client) : [];
    return { tokens, afterCommit: () => this.sessions.publishRevocations(revoked) };
  }

  async #revoke(manager: EntityManager, { userId, sessionId }: AuthenticatedUser, client: ClientDetails): Promise<RevokedSession[]> {
    const revoked = await this.sessions.revokeOne(manager, { userId, sessionId });
    if (revoked.length > 0)
      await this.auditLog.record(manager, { userId, type: 'session-revoked', client, sessionId, details: { by: 'sign-in' } });
    return revoked;
  }
}
