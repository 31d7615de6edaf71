import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DatabaseConfig } from '../../src/config/index.js';
import { createDataSource } from '../../src/database/index.js';
import { createDeletedUsersTable, findDeletedUsers, recordDeletedUser } from '../../src/consumer/index.js';
import { createTestDatabase, type TestDatabase } from '../../src/testing/index.js';

const SCHEMA = 'deletions';
let database: TestDatabase;
let dataSource: DataSource;

const connect = (config: DatabaseConfig) =>
  createDataSource({ config, schema: SCHEMA, entities: [], migrations: [], applicationName: 'test' }).initialize();

beforeAll(async () => {
  const migrate = async (config: DatabaseConfig) => {
    const migrating = await connect(config);
    await createDeletedUsersTable(migrating);
    await migrating.query('create table notes (user_id uuid)');
    await migrating.destroy();
  };
  database = await createTestDatabase({ schema: SCHEMA, role: 'deletions_service', migrate });
  dataSource = await connect(database.config);
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

const now = () => new Date().toISOString();

it('tells those who are gone from those who are not, and a first time from a second', async () => {
  const [gone, here] = [randomUUID(), randomUUID()];
  expect(await findDeletedUsers(dataSource, [gone, here])).toEqual(new Set());
  expect(await recordDeletedUser(dataSource, gone, now())).toBe(true);
  expect(await recordDeletedUser(dataSource, gone, now())).toBe(false);
  expect(await findDeletedUsers(dataSource, [here, gone, gone])).toEqual(new Set([gone]));
});

// A writer and the clearing of the same person, at every moment of each other.
it('leaves nothing of a person behind, whoever comes first', async () => {
  const write = (userId: string) =>
    dataSource.transaction(async (manager) => {
      if ((await findDeletedUsers(manager, [userId])).size === 0) await manager.query('insert into notes values ($1)', [userId]);
    });
  const clear = (userId: string) =>
    dataSource.transaction(async (manager) => {
      await recordDeletedUser(manager, userId, now());
      await manager.query('delete from notes where user_id = $1', [userId]);
    });
  for (let round = 0; round < 50; round++) {
    const userId = randomUUID();
    await Promise.all([write(userId), write(userId), clear(userId), write(userId), write(userId)]);
  }
  expect(await dataSource.query('select * from notes')).toEqual([]);
});
