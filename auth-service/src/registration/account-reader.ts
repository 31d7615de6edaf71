import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { AccountSummary, Account as AccountView } from '@chat/shared/contracts';
import { DataSource } from 'typeorm';
import { toAccountSummary, toAccountView } from '../accounts/account-views.js';
import { Account } from '../accounts/account.entity.js';
import { accountNotFound } from '../accounts/accounts.errors.js';
import { SessionsService } from '../sessions/sessions.service.js';

@Injectable()
export class AccountReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
  ) {}

  async own(user: AuthenticatedUser): Promise<AccountView> {
    await this.sessions.requireActive(user);
    return toAccountView(await this.#find(user.userId));
  }

  async summary(userId: string): Promise<AccountSummary> {
    return toAccountSummary(await this.#find(userId));
  }

  async #find(userId: string): Promise<Account> {
    const account = await this.dataSource.getRepository(Account).findOneBy({ id: userId });
    if (!account) throw accountNotFound();
    return account;
  }
}
