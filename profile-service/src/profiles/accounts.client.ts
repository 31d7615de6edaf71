import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InternalTokens, type RepresentedUser } from '@chat/shared/auth';
import type { AccountSummary } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { ServiceClient } from '@chat/shared/http';

/** Reads accounts from auth-service, for users whose UserRegistered event has not been consumed yet. */
@Injectable()
export class AccountsClient implements OnApplicationShutdown {
  constructor(
    private readonly auth: ServiceClient,
    private readonly tokens: InternalTokens,
  ) {}

  /** Null if there is no such account; throws UNAVAILABLE if auth-service does not answer. */
  async find(userId: string, currentUser: RepresentedUser): Promise<AccountSummary | null> {
    const token = this.tokens.issue('auth-service', currentUser);
    try {
      return await this.auth.request<AccountSummary>({ method: 'GET', path: `/auth/users/${userId}`, token });
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not-found') return null;
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.auth.close();
  }
}
