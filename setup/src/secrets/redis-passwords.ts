// Imports nothing of this folder, so that scripts can use it before the first build.
import { createHash } from 'node:crypto';

/** The user of infra/redis/users.acl that may do everything. */
export const REDIS_ADMIN = 'chat-admin';

/**
 * The password of a service's user in Redis, derived from that of the administrator: one secret for all, from which none of them can learn
 * another's. infra/redis/start.sh does the same.
 */
export function redisPasswordOf(user: string, adminPassword: string): string {
  return user === REDIS_ADMIN ? adminPassword : createHash('sha256').update(`${adminPassword}:${user}`).digest('hex');
}
