import type { EntityManager } from 'typeorm';
import type { RevokedSession } from './revocation-publisher.js';

/**
 * Revokes every session of these users but `except`, and ends every sign-in of theirs that is in progress, in the transaction of `manager`.
 * The rows of the accounts are locked from here to the commit, as by lockAccount: a concurrent sign-in is either seen below or finds
 * another epoch.
 */
export async function revokeAllSessions(manager: EntityManager, userIds: string[], except?: string): Promise<RevokedSession[]> {
  await manager.query(
    `with these as (select id from accounts where id = any($1::uuid[]) order by id for no key update)
     update accounts set sessions_epoch = sessions_epoch + 1 from these where accounts.id = these.id`,
    [userIds],
  );
  await manager.query('delete from sign_in_challenges where user_id = any($1::uuid[])', [userIds]);
  const [revoked] = await manager.query<[RevokedSession[], number]>(
    `update sessions set revoked_at = now()
      where user_id = any($1::uuid[]) and revoked_at is null and id is distinct from $2
      returning id, user_id as "userId", revoked_at as "revokedAt"`,
    [userIds, except ?? null],
  );
  return revoked;
}
