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

it('finds the deleted users among others, and tells the first deletion of a user from a second one', async () => {
  const [deleted, active] = [randomUUID(), randomUUID()];
  expect(await findDeletedUsers(dataSource, [deleted, active])).toEqual(new Set());
  expect(await recordDeletedUser(dataSource, deleted, now())).toBe(true);
  expect(await recordDeletedUser(dataSource, deleted, now())).toBe(false);
  expect(await findDeletedUsers(dataSource, [active, deleted, deleted])).toEqual(new Set([deleted]));
});

// Writers and the deletion of the same user, at every moment of each other.
it('leaves no data of a deleted user, whether a writer or the deletion comes first', async () => {
  const write = (userId: string) =>
    dataSource.transaction(async (manager) => {
      if ((await findDeletedUsers(manager, [userId])).size === 0) await manager.query('insert into notes values ($1)', [userId]);
    });
  const deleteUser = (userId: string) =>
    dataSource.transaction(async (manager) => {
      await recordDeletedUser(manager, userId, now());
      await manager.query('delete from notes where user_id = $1', [userId]);
    });
  for (let round = 0; round < 50; round++) {
    const userId = randomUUID();
    await Promise.all([write(userId), write(userId), deleteUser(userId), write(userId), write(userId)]);
  }
  expect(await dataSource.query('select * from notes')).toEqual([]);
});
