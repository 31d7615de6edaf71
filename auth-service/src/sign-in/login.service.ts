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
   * Opens a session for whoever knows e-mail address and password. An unknown address takes the same way, the same time and gets the same
   * answer as a wrong password.
   */
  async login({ email, password }: LoginRequest, origin: SignInOrigin): Promise<AuthTokens> {
    const { client } = origin;
    const emailNormalised = normaliseEmail(email);
    const accounts = this.dataSource.getRepository(Account);
    const knownBy = await this.deviceTrust.evaluate((await accounts.findOneBy({ emailNormalised }))?.id, client);
    let account: Account | null = null;
    const fits = await this.throttle.run(throttleKeysForLogin(emailNormalised, knownBy, client), async () => {
      // Read when its turn has come: the password may have been changed while this waited.
      account = await accounts.findOneBy({ emailNormalised });
      return this.passwords.matches(password, account?.passwordHash);
    });
    const found = account as Account | null;
    if (!found || !fits) {
      // Not waited for: the answer takes as long as that for an address that nobody has.
      if (found) void this.#recordFailure(found.id, client);
      throw wrongCredentials();
    }
    await this.#renewHash(found, password);
    return this.signIn.complete(found, { ...origin, method: 'password' });
  }

  /** A raised cost reaches each account with its next sign-in. That never fails for it: there is another one. */
  async #renewHash({ id, passwordHash }: Account, password: string): Promise<void> {
    try {
      const renewed = await this.passwords.rehash(password, passwordHash!);
      // Not over a password that was changed meanwhile.
      if (renewed !== null)
        await this.dataSource.getRepository(Account).update({ id, passwordHash: passwordHash! }, { passwordHash: renewed });
    } catch (error) {
      this.logger.warn({ userId: id, error }, 'a password could not be hashed at the higher cost');
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
      this.logger.warn({ userId, error }, 'a failed sign-in could not be written down');
    }
  }
}
