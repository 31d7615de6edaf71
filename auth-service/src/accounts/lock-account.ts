import type { EntityManager } from 'typeorm';
import { Account } from './account.entity.js';

/**
 * The account, locked against other changes until the transaction ends; null if it does not exist.
 *
 * Every transaction locks in the same order, so that no two wait for each other: the account; per kind of mail the rate limit, the request
 * and the token; the sessions; the audit log and everything else. A transaction that needs no account starts further down: MailSender with
 * a request, a revocation of one session with that session. The rows they write refer to the account, so this lock is weaker than `for
 * update` and does not block them. Only the deletion of an account needs the stronger lock, and takes it last, by the delete statement
 * itself.
 */
export function lockAccount(manager: EntityManager, id: string): Promise<Account | null> {
  return manager.getRepository(Account).findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
}
