import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ManagedProcess } from '../processes/managed-process.ts';
import { freePort } from '../processes/ports.ts';
import { ProcessGroup } from '../processes/process-group.ts';
import { preparePostgres } from './postgres.ts';

let home = '';
const group = new ProcessGroup(() => {});
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'chat-home-'));
  chmodSync(home, 0o700); // as root's home: no other user gets in
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function startIn(dataDir: string, password: string): Promise<{ server: ManagedProcess; query: (sql: string) => Promise<unknown[]> }> {
  mkdirSync(dataDir, { recursive: true });
  const port = await freePort();
  const definition = await preparePostgres({ dataDir, port, secondPort: 0, password });
  const logFile = path.join(home, 'postgres.log');
  const server = await group.start({ name: 'postgres', kind: 'infrastructure', port, logFile, ...definition });
  const query = async (sql: string) => {
    const client = new Client({ connectionString: `postgres://postgres:${password}@127.0.0.1:${port}/postgres` });
    await client.connect();
    const { rows } = await client.query(sql);
    await client.end();
    return rows;
  };
  return { server, query };
}

it('starts in a clone that replaces another one at the same path, below a home folder', async () => {
  const dataDir = path.join(home, 'clone/.data');
  const first = await startIn(dataDir, 'the password of the first clone');
  await first.query('create table notes as select 1 as id');
  await first.server.stop();
  rmSync(path.join(home, 'clone'), { recursive: true });

  const second = await startIn(dataDir, 'the password of the second clone');
  expect(await second.query(`select to_regclass('notes') as found`)).toEqual([{ found: null }]);
  await second.server.stop();
}, 60_000);

it('keeps its data after kill -9, and when the clone is moved', async () => {
  const first = await startIn(path.join(home, 'clone/.data'), 'password');
  await first.query('create table notes as select 1 as id');
  await first.server.kill9();
  await first.server.ready();
  await first.server.stop();
  renameSync(path.join(home, 'clone'), path.join(home, 'moved'));

  const second = await startIn(path.join(home, 'moved/.data'), 'password');
  expect(await second.query('select id from notes')).toEqual([{ id: 1 }]);
  await second.server.stop();
}, 60_000);
