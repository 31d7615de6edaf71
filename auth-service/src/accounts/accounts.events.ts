import { appendToOutbox } from '@chat/shared/outbox';
import type { EntityManager } from 'typeorm';
import type { Account } from './account.entity.js';

/** Announces a new account, in the transaction that makes it: who hears of it can rely on it. */
export async function publishUserRegistered(manager: EntityManager, account: Account): Promise<void> {
  const { id: userId, username, firstName, lastName, createdAt } = account;
  await appendToOutbox(manager, {
    type: 'UserRegistered',
    key: userId,
    payload: { userId, username, firstName, lastName, registeredAt: createdAt.toISOString() },
  });
}
