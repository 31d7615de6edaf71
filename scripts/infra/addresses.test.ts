import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { addressesFromEnvironment } from './addresses.ts';

it('reads the addresses that are given, and only those', () => {
  expect(addressesFromEnvironment({ REDIS_URL: 'redis://r:1', KAFKA_BROKER: 'a:1,b:1' })).toEqual({
    redisUrl: 'redis://r:1',
    kafkaBroker: 'a:1,b:1',
  });
});

it('builds an address from its parts, with the usual ports and names', () => {
  expect(addressesFromEnvironment({ DB_HOST: 'db', DB_PASSWORD: 'p@ss', REDIS_PORT: '6380' })).toEqual({
    databaseUrl: 'postgres://postgres:p%40ss@db:5432/chat',
    redisUrl: 'redis://127.0.0.1:6380',
  });
});

it('reads addresses and passwords from files', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chat-addresses-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [password, redis] = [path.join(folder, 'password'), path.join(folder, 'redis')];
  writeFileSync(password, 'p%40ss\n');
  writeFileSync(redis, 'redis://u:p@r:1\n');
  expect(addressesFromEnvironment({ DB_HOST: 'db', DB_PASSWORD_FILE: password, REDIS_URL_FILE: redis })).toEqual({
    databaseUrl: 'postgres://postgres:p%2540ss@db:5432/chat',
    redisUrl: 'redis://u:p@r:1',
  });
  expect(() => addressesFromEnvironment({ REDIS_URL_FILE: path.join(folder, 'none') })).toThrow(
    /^REDIS_URL_FILE names a file that cannot be read/,
  );
});
