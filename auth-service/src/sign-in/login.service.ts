import { Inject, Injectable } from '@nestjs/common';
import { type Log, LOGGER } from '@chat/shared/observability';
import type { AuthTokens, LoginRequest } from '@chat/shared/contracts';
import { DataSource } from 'typeorm';
import { normaliseEmail } from '../accounts/account-names.js';
import { Account } from '../accounts/account.entity.js';
import { AuditLogService } from '../audit-log/audit-log.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { LoginThrottle } from '../login-throttle/login-throttle.js';
import { throttleKeysForLogin } from '../login-throttle/throttle-keys.js';
import { PasswordsService } from '../passwords/passwords.service.js';
import { DeviceTrust } from './device-trust.js';
import type { SignInOrigin } from './sign-in-origin.js';
import { wrongCredentials } from './sign-in.errors.js';
import { SignInService } from './sign-in.service.js';

@Injectable()
export class LoginService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly passwords: PasswordsService,
    private readonly throttle: LoginThrottle,
    private readonly deviceTrust: DeviceTrust,
    private readonly signIn: SignInService,
    private readonly auditLog: AuditLogService,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  /**
   * Signs in with e-mail address and password. An unknown address has the same steps, the same response time and the same response as a
   * wrong password.
   */
  async login({ email, password }: LoginRequest, origin: SignInOrigin): Promise<AuthTokens> {
    const { client } = origin;
    const emailNormalised = normaliseEmail(email);
    const accounts = this.dataSource.getRepository(Account);
    const trust = await this.deviceTrust.evaluate((await accounts.findOneBy({ emailNormalised }))?.id, client);
    let account: Account | null = null;
    const matches = await this.throttle.run(throttleKeysForLogin(emailNormalised, trust, client), async () => {
      // Read after the delay: the password may have been changed meanwhile.
      account = await accounts.findOneBy({ emailNormalised });
      return this.passwords.matches(password, account?.passwordHash, client);
    });
    const found = account as Account | null;
    if (!found || !matches) {
      // Not awaited: the response takes as long as for an unknown address.
      if (found) void this.#recordFailure(found.id, client);
      throw wrongCredentials();
    }
    await this.#renewHash(found, password, client);
    return this.signIn.complete(found, { ...origin, method: 'password' });
  }

  /** Hashes the password again if the cost was raised. A failure does not fail the login: the next login retries. */
  async #renewHash({ id, passwordHash }: Account, password: string, client: ClientDetails): Promise<void> {
    try {
      const renewed = await this.passwords.rehash(password, passwordHash!, client);
      // Only if the password was not changed meanwhile.
      if (renewed !== null)
        await this.dataSource.getRepository(Account).update({ id, passwordHash: passwordHash! }, { passwordHash: renewed });
    } catch (error) {
      this.logger.warn({ userId: id, error }, 'password could not be hashed again at the higher cost');
    }
  }

  async #recordFailure(userId: string, client: ClientDetails): Promise<void> {
    try {
      await this.auditLog.record(this.dataSource.manager, {
        userId,
        type: 'sign-in-failed',
        client,
        details: { method: 'password' },
      });
    } catch (error) {
      this.logger.warn({ userId, error }, 'failed login could not be recorded in the audit log');
    }
  }
}
