import type { AccountSummary } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { ServiceClient } from '@chat/shared/http';
import { findDeletedUsers } from '@chat/shared/consumer';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ReadQueries, type Statement } from '../database/prepared-queries.js';
import { User } from './user.entity.js';
import { personIsGone, userNotFound } from './users.errors.js';

/** auth-service, asked about people whose UserRegistered has not come yet. */
export class AuthServiceClient extends ServiceClient {}

@Injectable()
export class UsersService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly queries: ReadQueries,
    private readonly authService: AuthServiceClient,
  ) {}

  /** Throws NOT_FOUND unless the person exists, FORBIDDEN when they deleted the account. Somebody who registered a moment ago is asked for, with the caller's own right. */
  async requireUser(userId: string, callerToken: string): Promise<void> {
    if (await this.queries.row(FIND_USER, [userId])) return;
    if ((await findDeletedUsers(this.dataSource, [userId])).size > 0) throw personIsGone();
    const account = await this.askAuthService(userId, callerToken);
    await this.dataSource.transaction((manager) => this.remember(manager, userId, account.registeredAt));
  }

  /** Keeps that a person exists; again and again changes nothing, and who deleted the account does not come back. */
  async remember(manager: EntityManager, userId: string, registeredAt: string): Promise<void> {
    if ((await findDeletedUsers(manager, [userId])).size > 0) return;
    await manager
      .createQueryBuilder()
      .insert()
      .into(User)
      .values({ userId, registeredAt: new Date(registeredAt) })
      .orIgnore()
      .execute();
  }

  private async askAuthService(userId: string, callerToken: string): Promise<AccountSummary> {
    try {
      return await this.authService.request<AccountSummary>({ method: 'GET', path: `/auth/users/${userId}`, token: callerToken });
    } catch (error) {
      throw error instanceof AppError && error.kind === 'not-found' ? userNotFound() : error;
    }
  }
}

const FIND_USER: Statement = { name: 'find_user', text: 'select user_id from users where user_id = $1' };
