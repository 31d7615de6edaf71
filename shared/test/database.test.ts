import { randomBytes } from 'node:crypto';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import { Client, escapeIdentifier } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseConfig } from '../src/config/index.js';
import { createPool, migrateUnderLock, preparedStatement, waitForDatabase } from '../src/database/index.js';
import { isTransient, toAppError } from '../src/errors/index.js';
import { createTestDatabase, type TestDatabase, testInfra } from '../src/testing/index.js';
import { Note } from './kit/note.entity.js';
import { dataSourceOf } from './kit/notes.js';

const random = () => randomBytes(5).toString('hex');

describe('a database of one service', () => {
  let empty: TestDatabase;

  beforeAll(async () => {
    empty = await createTestDatabase({ schema: 'notes', role: `notes_${random()}`, migrate: async () => {} });
  });
  afterAll(async () => {
    const admin = new Client({ connectionString: testInfra().postgresUrl });
    const role = empty.config.username;
    await empty.drop();
    await admin.connect();
    // The template still belongs to the role, so it is dropped first.
    const { rows } = await admin.query<{ datname: string }>(
      `select datname from pg_database where datname like 'test\\_template\\_notes\\_%'`,
    );
    for (const { datname } of rows) await admin.query(`drop database if exists ${escapeIdentifier(datname)} with (force)`);
    await admin.query(`drop role if exists ${escapeIdentifier(role)}`);
    await admin.end();
  });

  it('is migrated once when three processes start at the same time', async () => {
    const all = [1, 2, 3].map(() => dataSourceOf(empty.config, 'notes'));
    await Promise.all(all.map((dataSource) => migrateUnderLock(dataSource)));
    await migrateUnderLock(all[0]!);
    const pool = createPool({ config: empty.config, schema: 'notes', applicationName: 'test', max: 1 });
    const { rows } = await pool.query<{ name: string }>('select name from migrations order by id');
    await pool.end();
    expect(rows.map(({ name }) => name)).toEqual(['CreateNotes1700000000001', 'AddColour1700000000002']);
  });

  it('stores an entity whose columns are snake_case', async () => {
    const dataSource = await dataSourceOf(empty.config, 'notes').initialize();
    const id = '00000000-0000-7000-8000-000000000001';
    await dataSource.getRepository(Note).insert({ id, lastReadSeq: 7, title: 'x' });
    expect(await dataSource.query('select id, last_read_seq, title from notes')).toEqual([{ id, last_read_seq: 7, title: 'x' }]);
    expect(await dataSource.getRepository(Note).findOneBy({ lastReadSeq: 7 })).toMatchObject({ id });
    await dataSource.destroy();
  });

  it('cancels a statement that takes too long, and applies session settings', async () => {
    const pool = createPool({
      config: empty.config,
      schema: 'notes',
      applicationName: 'test app',
      max: 2,
      settings: { plan_cache_mode: 'force_generic_plan', statement_timeout: '50' },
    });
    expect((await pool.query('show plan_cache_mode')).rows).toEqual([{ plan_cache_mode: 'force_generic_plan' }]);
    expect((await pool.query('show application_name')).rows).toEqual([{ application_name: 'test app' }]);
    const failure = await pool.query('select pg_sleep(1)').catch((error: unknown) => error);
    expect(toAppError(failure)).toMatchObject({ kind: 'unavailable', code: 'database/unavailable' });
    await pool.end();
  });

  it('prepares a statement once for each connection, in a pool and under TypeORM', async () => {
    const sum = preparedStatement('test_sum', 'select $1::int + $2::int as sum');
    const uses = `select generic_plans + custom_plans as uses from pg_prepared_statements where name = 'test_sum'`;
    const pool = createPool({ config: empty.config, schema: 'notes', applicationName: 'test', max: 1 });
    const dataSource = await dataSourceOf(empty.config, 'notes').initialize();
    for (const n of [1, 2, 3]) expect((await pool.query(sum, [n, 10])).rows).toEqual([{ sum: n + 10 }]);
    expect((await pool.query(uses)).rows).toEqual([{ uses: '3' }]);
    await dataSource.transaction(async (manager) => {
      for (const n of [1, 2]) expect(await manager.query(sum, [n, 10])).toEqual([{ sum: n + 10 }]);
      expect(await manager.query(uses)).toEqual([{ uses: '2' }]);
    });
    await Promise.all([pool.end(), dataSource.destroy()]);
    expect(() => preparedStatement('test_sum', 'select 1')).toThrow('another prepared statement');
  });

  it('reports a killed connection and an unavailable server as transient', async () => {
    const pool = createPool({ config: empty.config, schema: 'notes', applicationName: 'test', max: 1 });
    const killed = await pool.query('select pg_terminate_backend(pg_backend_pid())').catch((error: unknown) => error);
    expect(isTransient(killed)).toBe(true);
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
    const nowhere = createPool({
      config: Object.assign(DatabaseConfig.fromUrl('postgres://a:b@127.0.0.1:20156/x')),
      applicationName: 'test',
    });
    const failure = await nowhere.query('select 1').catch((error: unknown) => error);
    expect(toAppError(failure)).toMatchObject({ kind: 'unavailable' });
    await nowhere.end();
  });

  it('is waited for; the reason is reported once', async () => {
    await waitForDatabase({ config: empty.config });
    const reasons: string[] = [];
    const nowhere = DatabaseConfig.fromUrl('postgres://a:b@127.0.0.1:20156/x');
    const signal = AbortSignal.timeout(300);
    await expect(
      waitForDatabase({ config: nowhere, signal, intervalMs: 20, onWaiting: (reason) => reasons.push(reason) }),
    ).rejects.toBeTruthy();
    expect(reasons).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });
});

describe('createTestDatabase', () => {
  it('migrates once and gives every call a copy of its own', async () => {
    let migrations = 0;
    const schema = `copy${random()}`;
    const role = `copy_${random()}`;
    const migrate = async (config: DatabaseConfig) => {
      migrations++;
      await migrateUnderLock(dataSourceOf(config, schema));
    };
    const copies = await Promise.all([1, 2, 3].map(() => createTestDatabase({ schema, role, migrate })));
    expect(migrations).toBe(1);
    const pools = copies.map(({ config }) => createPool({ config, schema, applicationName: 'test', max: 1 }));
    await pools[0]!.query(`insert into notes values ('00000000-0000-7000-8000-000000000002', 1, 'mine')`);
    expect((await pools[1]!.query('select * from notes')).rows).toEqual([]);
    await Promise.all(pools.map((pool) => pool.end()));
    await Promise.all(copies.map((copy) => copy.drop()));
    const admin = new Client({ connectionString: testInfra().postgresUrl });
    await admin.connect();
    const { rows } = await admin.query<{ datname: string }>(`select datname from pg_database where datname like $1`, [
      `test\\_template\\_${schema}\\_%`,
    ]);
    expect(rows).toHaveLength(1);
    await admin.query(`drop database ${escapeIdentifier(rows[0]!.datname)} with (force)`);
    await admin.query(`drop role ${escapeIdentifier(`${role}_test`)}`);
    await admin.end();
  });
});

describe('a connection that stops transferring data without closing', () => {
  it('is replaced, also under TypeORM', async () => {
    const database = await createTestDatabase({
      schema: 'silent',
      role: 'silent_service',
      migrate: () => Promise.resolve(),
    });
    const proxy = await FaultProxy.start(database.config);
    const config = Object.assign(new DatabaseConfig(), database.config, { host: '127.0.0.1', port: proxy.port });
    const dataSource = dataSourceOf(config, 'silent');
    dataSource.setOptions({ extra: { ...(dataSource.options.extra as object), query_timeout: 300 } });
    try {
      await dataSource.initialize();
      const once = () => dataSource.transaction((manager) => manager.query('select pg_sleep(0.05)'));
      await Promise.all([once(), once()]);
      proxy.stallOpen();
      for (let failures = 0; failures < 2; failures++) expect(isTransient(await once().catch((error: unknown) => error))).toBe(true);
      await once();
    } finally {
      await proxy.close();
      await dataSource.destroy();
      await database.drop();
    }
  });
});
