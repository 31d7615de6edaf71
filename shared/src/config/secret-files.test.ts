import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ConfigError, DatabaseConfig, Env, InternalReceiverConfig, loadConfig, newInternalKeyPair, RedisConfig, Section } from './index.js';

class SampleConfig {
  @Env({ name: 'API_KEY', type: 'secret', optional: true, min: 4, description: 'Key' })
  apiKey?: string;

  @Env({ name: 'TITLE', type: 'string', optional: true, description: 'Title' })
  title?: string;

  @Section(DatabaseConfig)
  database: DatabaseConfig;

  @Section(RedisConfig)
  redis: RedisConfig;
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'chat-secret-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const fileWith = (content: string): string => {
  const file = path.join(folder, `secret-${files++}`);
  writeFileSync(file, content);
  return file;
};
const database = { DB_USERNAME: 'chat_service' };
const load = (env: NodeJS.ProcessEnv) => loadConfig(SampleConfig, { ...database, ...env });
const problemsOf = (env: NodeJS.ProcessEnv): string[] => {
  try {
    load(env);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
};

it('reads a secret from the file that <NAME>_FILE names, without one line end', () => {
  expect(load({ API_KEY_FILE: fileWith('secret\n') }).apiKey).toBe('secret');
  expect(load({ API_KEY_FILE: fileWith('secret\r\n'), API_KEY: ' ' }).apiKey).toBe('secret');
  expect(load({ API_KEY_FILE: fileWith(' two\nlines\n\n') }).apiKey).toBe(' two\nlines\n');
  expect(load({ API_KEY_FILE: '', API_KEY: 'direct' }).apiKey).toBe('direct');
});

it('refuses a variable that is also given as a file, and a file that is empty or unreadable; it shows neither content nor path', () => {
  const file = fileWith('a-secret');
  expect(problemsOf({ API_KEY: 'other-secret', API_KEY_FILE: file })).toEqual([
    'API_KEY and API_KEY_FILE are both set: remove one of them',
  ]);
  expect(problemsOf({ API_KEY_FILE: fileWith('\n') })).toEqual(['API_KEY_FILE names a file that is empty']);
  expect(problemsOf({ API_KEY_FILE: '/no/such-secret' })).toEqual(['API_KEY_FILE names a file that cannot be read (ENOENT)']);
  expect(problemsOf({ API_KEY_FILE: fileWith('abc') })).toEqual(['API_KEY must be at least 4 characters']);
});

it('does so for secrets and public keys, not for other variables', () => {
  expect(load({ TITLE_FILE: fileWith('Title') }).title).toBeUndefined();
  const file = fileWith(`chat-service:${newInternalKeyPair().publicKey}\n`);
  expect(loadConfig(InternalReceiverConfig, { INTERNAL_PUBLIC_KEYS_FILE: file }).publicKeys).toMatchObject([{ issuer: 'chat-service' }]);
});

it('takes the password of PostgreSQL from a file, with or without an address', () => {
  const password = { DB_PASSWORD_FILE: fileWith('from-file\n') };
  expect(load({ DB_HOST: 'db', ...password }).database).toMatchObject({ host: 'db', password: 'from-file' });
  expect(load({ DATABASE_URL: 'postgres://u@db/chat?sslmode=require', ...password }).database).toMatchObject({
    password: 'from-file',
    ssl: true,
  });
  expect(load({ DATABASE_URL: 'postgres://u:own@db/chat', ...password }).database.password).toBe('own');
});

it('takes user and password of Redis from variables of their own, with or without an address', () => {
  const user = { REDIS_USERNAME: 'chat-service', REDIS_PASSWORD_FILE: fileWith('p%41ss:/@\n') };
  const credentials = (env: NodeJS.ProcessEnv) => {
    const { url } = load(env).redis;
    const { protocol, host, username, password } = new URL(url);
    return [protocol, host, decodeURIComponent(username), decodeURIComponent(password)];
  };
  expect(credentials({ REDIS_HOST: 'redis', ...user })).toEqual(['redis:', 'redis:6379', 'chat-service', 'p%41ss:/@']);
  expect(credentials({ REDIS_URL: 'rediss://redis:1', ...user })).toEqual(['rediss:', 'redis:1', 'chat-service', 'p%41ss:/@']);
  expect(credentials({ REDIS_URL: 'redis://me:own@redis:1', ...user })).toEqual(['redis:', 'redis:1', 'me', 'own']);
  expect(credentials({ REDIS_PASSWORD: 'alone' })).toEqual(['redis:', '127.0.0.1:6379', '', 'alone']);
});
