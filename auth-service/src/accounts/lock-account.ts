import type { EntityManager } from 'typeorm';
import { Account } from './account.entity.js';

/**
 * The account, with nobody else changing it until the transaction ends; null when there is none.
 *
 * Transactions lock in one order, so that no two wait for each other: the account first; then of each kind of mail the allowance, the
 * request and the token; then sessions; then the log and all else. Who needs no account begins further down: MailSender with a request,
 * who ends one session with that. What these write refers to the account, which is why this lock is weaker than `for update`: it lets
 * them go on. Only deleting the account needs the stronger one, and takes it last, by the deletion itself.
 */
export function lockAccount(manager: EntityManager, id: string): Promise<Account | null> {
  return manager.getRepository(Account).findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
}
