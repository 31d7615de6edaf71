import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { AuthTokens } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { EntityManager } from 'typeorm';
import type { Account } from '../accounts/account.entity.js';
import { KnownDevicesService } from '../known-devices/known-devices.service.js';
import { badCode } from '../oauth/oauth.errors.js';
import { UsedCodes } from '../oauth/used-codes.js';
import { SecurityEventsService } from '../security-events/security-events.service.js';
import type { ClientDetails } from '../sessions/client-details.js';
import type { EndedSession } from '../sessions/revocation-announcer.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { SignInAttempt } from './sign-in-attempt.js';
import { announceSignedInFromNewDevice } from './sign-in.events.js';

export interface OpenedSession {
  tokens: AuthTokens;
  /** To be called once it is committed. */
  afterwards: () => Promise<void>;
}

/** Opens the session of somebody who has shown all that is needed, remembers the device, and writes down both. */
@Injectable()
export class SessionOpener {
  constructor(
    private readonly sessions: SessionsService,
    private readonly securityEvents: SecurityEventsService,
    private readonly knownDevices: KnownDevicesService,
    private readonly usedCodes: UsedCodes,
  ) {}

  /** Of an account that was made in this transaction. */
  async openFirst(manager: EntityManager, account: Account, client: ClientDetails): Promise<AuthTokens> {
    const sessionId = newId();
    await this.rememberRegistration(manager, account, client, sessionId);
    return this.sessions.open(manager, account, client, sessionId);
  }

  /** The same without a session, where there is none before the e-mail address is confirmed. */
  async rememberRegistration(manager: EntityManager, { id: userId }: Account, client: ClientDetails, sessionId?: string): Promise<void> {
    await this.securityEvents.record(manager, { userId, type: 'registered', client, ...(sessionId !== undefined && { sessionId }) });
    await this.knownDevices.remember(manager, userId, client);
  }

  /** The session that the client was in so far, if it is one of the same account, ends by it. */
  async open(
    manager: EntityManager,
    account: Account,
    { method, client, presented, codeHash }: SignInAttempt,
    { secondFactor }: { secondFactor: boolean },
  ): Promise<OpenedSession> {
    const userId = account.id;
    const sessionId = newId();
    const tokens = await this.sessions.open(manager, account, client, sessionId);
    if (codeHash && !(await this.usedCodes.noteSession(manager, codeHash, { userId, sessionId }))) throw badCode();
    await this.securityEvents.record(manager, { userId, type: 'signed-in', client, sessionId, details: { method, secondFactor } });
    if ((await this.knownDevices.remember(manager, userId, client)) === 'new') {
      await this.securityEvents.record(manager, { userId, type: 'signed-in-from-new-device', client, sessionId });
      await announceSignedInFromNewDevice(manager, { userId, sessionId, signedInAt: new Date() });
    }
    const ended = presented?.userId === userId ? await this.#end(manager, presented, client) : [];
    return { tokens, afterwards: () => this.sessions.announce(ended) };
  }

  async #end(manager: EntityManager, { userId, sessionId }: AuthenticatedUser, client: ClientDetails): Promise<EndedSession[]> {
    const ended = await this.sessions.revokeOne(manager, { userId, sessionId });
    if (ended.length > 0)
      await this.securityEvents.record(manager, { userId, type: 'session-revoked', client, sessionId, details: { by: 'sign-in' } });
    return ended;
  }
}
