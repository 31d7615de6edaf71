import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../paths.ts';
import { redisUsers } from './redis-users.ts';

it('a container has the same users and passwords as a local Redis, whatever characters the password has', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chat-redis-users-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const server = path.join(folder, 'redis-server');
  writeFileSync(server, '#!/bin/sh\necho "$@"\n');
  chmodSync(server, 0o700);
  const password = `a/b&c$d'e"f\\ü :`;
  const env = { PATH: `${folder}:${process.env.PATH}`, TMPDIR: folder, CHAT_REDIS_PASSWORD: password };
  const { stdout } = await execa('sh', [path.join(ROOT, 'infra/redis/start.sh')], { env });
  const file = path.join(folder, 'users.acl');
  expect(stdout).toContain(`--aclfile ${file}`);
  expect(readFileSync(file, 'utf8')).toBe(redisUsers(password));
  expect(readFileSync(file, 'utf8')).not.toContain('@chat-admin@');
});
