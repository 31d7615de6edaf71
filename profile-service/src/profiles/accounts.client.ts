import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { AccountSummary } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { ServiceClient } from '@chat/shared/http';

/** Asks auth-service who somebody is: for people whose UserRegistered has not arrived yet. */
@Injectable()
export class AccountsClient implements OnApplicationShutdown {
  constructor(private readonly auth: ServiceClient) {}

  /** Null when there is no such account; UNAVAILABLE when auth-service gives no answer. */
  async find(userId: string, token: string): Promise<AccountSummary | null> {
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
