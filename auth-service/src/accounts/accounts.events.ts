import { appendToOutbox } from '@chat/shared/outbox';
import type { EntityManager } from 'typeorm';
import type { Account } from './account.entity.js';

/** Writes UserRegistered in the transaction that creates the account, so consumers of the event can rely on the account. */
export async function publishUserRegistered(manager: EntityManager, account: Account): Promise<void> {
  const { id: userId, username, firstName, lastName, createdAt } = account;
  await appendToOutbox(manager, {
    type: 'UserRegistered',
    key: userId,
    payload: { userId, username, firstName, lastName, registeredAt: createdAt.toISOString() },
  });
}
