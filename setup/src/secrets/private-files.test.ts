import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createSecrets } from './create-secrets.js';
import { SECRETS } from './secret-list.js';

const isRoot = process.getuid?.() === 0;

function newFolder() {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'chat-setup-files-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = (name: string) => path.join(dir, name);
  const read = (name: string) => readFileSync(file(name), 'utf8');
  return { dir, file, read, create: () => createSecrets(dir, isRoot) };
}

it('takes the value of another run that has written a file in the meantime', () => {
  const { dir, create, file, read } = newFolder();
  const secret = SECRETS.find(({ files }) => files[0] === 'postgres/POSTGRES_PASSWORD')!;
  const newValue = vi.spyOn(secret, 'create').mockImplementation(() => {
    writeFileSync(file('postgres/POSTGRES_PASSWORD'), 'of the other run');
    return 'of this run';
  });
  onTestFinished(() => newValue.mockRestore());
  expect(create()).toMatchObject({ kept: 1, notes: [] });
  expect([read('postgres/POSTGRES_PASSWORD'), read('setup/DB_PASSWORD')]).toEqual(['of the other run', 'of the other run']);
  expect(readdirSync(dir, { recursive: true }).filter((name) => String(name).endsWith('.unfinished'))).toEqual([]);
});

it('refuses a link in place of a file, and does not touch its target', () => {
  const { create, file, read } = newFolder();
  create();
  const before = [statSync(file('auth-service/AUTH_SECRET')).uid, read('auth-service/AUTH_SECRET')];
  rmSync(file('kafka/jaas.conf'));
  symlinkSync('../auth-service/AUTH_SECRET', file('kafka/jaas.conf'));
  expect(create).toThrow(/jaas\.conf is a link or not a regular file/);
  expect([statSync(file('auth-service/AUTH_SECRET')).uid, read('auth-service/AUTH_SECRET')]).toEqual(before);
});

it('refuses a link in place of the folder of a container, and a folder in place of a file', () => {
  const { create, file } = newFolder();
  mkdirSync(file('elsewhere'), { mode: 0o755 });
  symlinkSync('elsewhere', file('kafka'));
  expect(create).toThrow(/kafka is a link or not a folder/);
  expect(statSync(file('elsewhere')).mode & 0o777).toBe(0o755);
  rmSync(file('kafka'));
  mkdirSync(file('redis/REDIS_PASSWORD'), { recursive: true });
  expect(create).toThrow(/REDIS_PASSWORD is a link or not a regular file/);
});

it.runIf(isRoot)('as root, lets no other user enter the folder of all: the user ids of the containers may be those of others', () => {
  const { dir } = newFolder();
  const base = path.join(dir, 'present');
  mkdirSync(base, { mode: 0o755 });
  for (const folder of [base, path.join(dir, 'new')]) {
    createSecrets(folder, true);
    const { uid, gid, mode } = statSync(folder);
    expect([uid, gid, (mode & 0o777).toString(8)]).toEqual([0, 0, '700']);
  }
});
