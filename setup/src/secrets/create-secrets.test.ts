import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { InternalIssuerConfig, InternalReceiverConfig, loadConfig } from '@chat/shared/config';
import { expect, it, onTestFinished } from 'vitest';
import { createSecrets } from './create-secrets.js';
import { redisPasswordOf } from './redis-passwords.js';
import { SECRETS } from './secret-list.js';

const FILES = SECRETS.flatMap(({ files }) => files);
const isRoot = process.getuid?.() === 0;

function newFolder() {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'chat-setup-secrets-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = (name: string) => path.join(dir, name);
  return {
    dir,
    create: () => createSecrets(dir, isRoot),
    file,
    read: (name: string) => readFileSync(file(name), 'utf8'),
    write: (name: string, content: string) => {
      mkdirSync(path.dirname(file(name)), { recursive: true });
      writeFileSync(file(name), content);
    },
    all: () => Object.fromEntries(FILES.map((name) => [name, readFileSync(file(name), 'utf8')])),
  };
}

it('creates every secret once, each with a value of its own except for copies', () => {
  const { create, all } = newFolder();
  expect(create()).toEqual({ created: FILES, kept: 0, notes: [] });
  const values = all();
  expect(create()).toEqual({ created: [], kept: FILES.length, notes: [] });
  expect(all()).toEqual(values);
  expect(values['setup/DB_PASSWORD']).toBe(values['postgres/POSTGRES_PASSWORD']);
  expect(values['setup/CHAT_DB_PASSWORD']).toBe(values['chat-service/DB_PASSWORD']);
  const publicKeys = FILES.filter((name) => name.endsWith('INTERNAL_PUBLIC_KEYS'));
  const copies = 6 + publicKeys.length - 1;
  expect(new Set(Object.values(values)).size).toBe(FILES.length - copies);
});

it('keeps a secret of the operator, and makes the copies and what is derived from it', () => {
  const { create, read, write } = newFolder();
  write('postgres/POSTGRES_PASSWORD', 'of the operator\n');
  write('setup/CHAT_DB_PASSWORD', 'chat');
  write('redis/REDIS_PASSWORD', `a/b&c$d'e"f\\ü :\n`);
  expect(create().notes).toEqual([]);
  expect(read('postgres/POSTGRES_PASSWORD')).toBe('of the operator\n');
  expect(read('setup/DB_PASSWORD')).toBe('of the operator');
  expect(read('chat-service/DB_PASSWORD')).toBe('chat');
  expect(read('chat-service/REDIS_PASSWORD')).toBe(redisPasswordOf('chat-service', `a/b&c$d'e"f\\ü :`));
});

it('completes a run that was interrupted, without changing a secret that exists', () => {
  const { create, all, file, dir, write } = newFolder();
  create();
  const complete = all();
  for (const cut of [FILES.length - 1, 25, 14, 9, 2, 0]) {
    const lost = FILES.slice(cut);
    for (const name of lost) rmSync(file(name));
    write(lost[0]!.replace('/', '/.').concat('.unfinished'), 'half');
    expect(create()).toEqual({ created: lost, kept: cut, notes: [] });
    for (const name of FILES.slice(0, cut)) expect(all()[name]).toBe(complete[name]);
    Object.assign(complete, all());
  }
  expect(readdirSync(dir, { recursive: true }).filter((name) => String(name).endsWith('.unfinished'))).toEqual([]);
});

it('a copy or derived file that is lost gets the same value again', () => {
  const { create, all, file } = newFolder();
  create();
  const complete = all();
  for (const name of ['setup/AUTH_DB_PASSWORD', 'auth-service/DB_PASSWORD', 'profile-service/REDIS_PASSWORD', 'kafka/jaas.conf']) {
    rmSync(file(name));
    expect(create().created).toEqual([name]);
  }
  expect(all()).toEqual(complete);
});

it('an empty file counts as missing', () => {
  const { create, read, write } = newFolder();
  write('auth-service/AUTH_SECRET', '\n');
  create();
  expect(read('auth-service/AUTH_SECRET')).toHaveLength(43);
});

it('says which files do not agree, and leaves them', () => {
  const { create, read, write, file } = newFolder();
  create();
  const changed = ['setup/DB_PASSWORD', 'auth-service/REDIS_PASSWORD', 'kafka/jaas.conf'];
  for (const name of changed) {
    rmSync(file(name));
    write(name, 'another');
  }
  const { created, notes } = create();
  expect(created).toEqual([]);
  expect(notes.map((note) => note.split(' ')[0])).toEqual(changed);
  expect(read('setup/DB_PASSWORD')).toBe('another');
});

it('an operator may add users to Kafka and keys to the public ones', () => {
  const { create, read, write, file } = newFolder();
  create();
  for (const [name, text] of [
    ['kafka/jaas.conf', read('kafka/jaas.conf').replace('  ;', '  user_other="o"\n  ;')],
    ['auth-service/INTERNAL_PUBLIC_KEYS', `chat-service:old,${read('auth-service/INTERNAL_PUBLIC_KEYS')}`],
  ] as const) {
    rmSync(file(name));
    write(name, text);
  }
  expect(create()).toMatchObject({ created: [], notes: [] });
});

it('the keys work as variables of the services', () => {
  const { create, file } = newFolder();
  create();
  for (const service of ['api-gateway', 'chat-service', 'profile-service'])
    loadConfig(InternalIssuerConfig, { INTERNAL_SIGNING_KEY_FILE: file(`${service}/INTERNAL_SIGNING_KEY`) });
  const { publicKeys } = loadConfig(InternalReceiverConfig, { INTERNAL_PUBLIC_KEYS_FILE: file('auth-service/INTERNAL_PUBLIC_KEYS') });
  expect(publicKeys.map(({ issuer }) => issuer)).toEqual(['api-gateway', 'chat-service', 'profile-service']);
});

it.runIf(isRoot)('as root, gives each file to the user of its container, which alone can read it', () => {
  const { create, file, write } = newFolder();
  write('redis/REDIS_PASSWORD', 'of the operator');
  create();
  const stateOf = (name: string) => {
    const { uid, gid, mode } = statSync(file(name));
    return [uid, gid, (mode & 0o777).toString(8)];
  };
  expect(stateOf('auth-service')).toEqual([10_001, 10_001, '700']);
  expect(stateOf('auth-service/AUTH_SECRET')).toEqual([10_001, 10_001, '400']);
  expect(stateOf('postgres/POSTGRES_PASSWORD')).toEqual([999, 999, '400']);
  expect(stateOf('redis/REDIS_PASSWORD')).toEqual([999, 999, '400']);
  expect(stateOf('kafka/jaas.conf')).toEqual([1000, 1000, '400']);
});

it('as another user, keeps the owner, who alone can read the files', () => {
  const { dir, file } = newFolder();
  createSecrets(dir, false);
  const { uid, mode } = statSync(file('kafka/jaas.conf'));
  expect([uid, (mode & 0o777).toString(8)]).toEqual([process.getuid?.(), '400']);
});
