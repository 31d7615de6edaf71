import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../paths.ts';

/** The user of infra/redis/users.acl that may do everything. */
export const ADMIN = 'chat-admin';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The password of a service's user, derived from that of the admin: one secret for all, from which none of them can learn another's. */
const passwordOf = (user: string, adminPassword: string): string => (user === ADMIN ? adminPassword : sha256(`${adminPassword}:${user}`));

/** The content of the ACL file: infra/redis/users.acl with the hashes of the passwords. infra/redis/start.sh does the same in a container. */
export function redisUsers(adminPassword: string): string {
  const template = readFileSync(path.join(ROOT, 'infra/redis/users.acl'), 'utf8');
  return template.replaceAll(/>@([a-z-]+)@/g, (_, user: string) => `#${sha256(passwordOf(user, adminPassword))}`);
}

/** The address of Redis for a service: with its own user where the admin of users.acl is given, else as it is. */
export function redisUrlOf(service: string, redisUrl: string): string {
  const url = new URL(redisUrl);
  if (url.username !== ADMIN) return redisUrl;
  url.username = service;
  url.password = passwordOf(service, decodeURIComponent(new URL(redisUrl).password));
  return url.href;
}
