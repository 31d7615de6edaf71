import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { REDIS_ADMIN, redisPasswordOf } from '../../setup/src/secrets/redis-passwords.ts';
import { ROOT } from '../paths.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The content of the ACL file: infra/redis/users.acl with the hashes of the passwords. infra/redis/start.sh does the same in a container. */
export function redisUsers(adminPassword: string): string {
  const template = readFileSync(path.join(ROOT, 'infra/redis/users.acl'), 'utf8');
  return template.replaceAll(/>@([a-z-]+)@/g, (_, user: string) => `#${sha256(redisPasswordOf(user, adminPassword))}`);
}

/** The address of Redis for a service: with its own user where the admin of users.acl is given, else as it is. */
export function redisUrlOf(service: string, redisUrl: string): string {
  const url = new URL(redisUrl);
  if (url.username !== REDIS_ADMIN) return redisUrl;
  url.username = service;
  url.password = redisPasswordOf(service, decodeURIComponent(new URL(redisUrl).password));
  return url.href;
}
