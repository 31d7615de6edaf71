import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Module } from '@nestjs/common';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { bootstrapService } from '../src/bootstrap/index.js';
import { CommonConfig } from '../src/config/index.js';
import { createDataSource, createPool, migrateUnderLock, OutdatedDatabaseError } from '../src/database/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing/index.js';

const SCHEMA = 'sqlfiles';

class Baseline1800000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table numbers (value int not null)');
  }

  async down(): Promise<void> {}
}

class Later1800000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table numbers add column note text');
  }

  async down(): Promise<void> {}
}

class OtherBaseline1900000000001 extends Baseline1800000000001 {
  override async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table other_numbers (value int not null)');
  }
}

/** PostgreSQL waits for every statement that has begun before, whatever it is. */
class IndexWithoutLock1800000000003 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index concurrently numbers_value on numbers (value)');
  }

  async down(): Promise<void> {}
}

let folder: string;
let database: TestDatabase;
let pool: ReturnType<typeof createPool>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sql-files-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  database = await createTestDatabase({ schema: SCHEMA, role: 'sqlfiles_service', migrate: () => Promise.resolve() });
  pool = createPool({ config: database.config, schema: SCHEMA, applicationName: 'test', max: 1 });
  return async () => {
    await pool.end();
    await database.drop();
  };
});

const dataSource = (migrations: (new () => MigrationInterface)[], sqlFiles: URL[] = []) =>
  createDataSource({ config: database.config, schema: SCHEMA, entities: [], migrations, sqlFiles, applicationName: 'test' });

async function sqlFile(name: string, text: string): Promise<URL> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return pathToFileURL(file);
}

const functionThatReturns = (value: number) => `
  -- applied as one text: $1 and ; are not special
  create or replace function answer() returns int language sql as $$ select ${value}; $$;
  insert into numbers values (${value});`;

const answer = async () => (await pool.query<{ answer: number }>('select answer()')).rows[0]!.answer;
const applications = async () => (await pool.query<{ value: number }>('select value from numbers')).rows.map(({ value }) => value);

it('applies an SQL file once, and again when its content has changed, also when three processes start together', async () => {
  const file = await sqlFile('answer.sql', functionThatReturns(1));
  const migrate = () => migrateUnderLock(dataSource([Baseline1800000000001], [file]));
  await Promise.all([migrate(), migrate(), migrate()]);
  expect([await answer(), await applications()]).toEqual([1, [1]]);

  await sqlFile('answer.sql', functionThatReturns(2));
  await migrate();
  await sqlFile('answer.sql', functionThatReturns(2).replaceAll('\n', '\r\n'));
  await migrate();
  expect([await answer(), await applications()]).toEqual([2, [1, 2]]);
});

it('creates an index concurrently, also when three processes start together', async () => {
  const migrate = () => migrateUnderLock(dataSource([Baseline1800000000001, IndexWithoutLock1800000000003]));
  await Promise.all([migrate(), migrate(), migrate()]);
  const { rows } = await pool.query(`select indisvalid from pg_index where indexrelid = 'numbers_value'::regclass`);
  expect(rows).toEqual([{ indisvalid: true }]);
});

it('applies SQL files in the given order after the migrations, and none of a file that fails', async () => {
  const first = await sqlFile('first.sql', 'create function first() returns text language sql as $$ select note from numbers $$');
  const second = await sqlFile('second.sql', 'create function second() returns text language sql as $$ select first() $$');
  const broken = await sqlFile('broken.sql', 'insert into numbers values (7); select no_such_function();');
  await expect(migrateUnderLock(dataSource([Baseline1800000000001, Later1800000000002], [first, second, broken]))).rejects.toThrow(
    'The SQL file broken.sql could not be applied',
  );
  expect((await pool.query('select second()')).rows).toEqual([{ second: null }]);
  expect(await applications()).toEqual([]);
});

it('leaves the SQL files of a database alone that a newer build has migrated', async () => {
  const file = await sqlFile('answer.sql', functionThatReturns(2));
  await migrateUnderLock(dataSource([Baseline1800000000001, Later1800000000002], [file]));
  await sqlFile('answer.sql', functionThatReturns(1));
  await migrateUnderLock(dataSource([Baseline1800000000001], [file]));
  expect(await answer()).toBe(2);
});

it('refuses a database whose migrations lack the first one of this build, and leaves it unchanged', async () => {
  await migrateUnderLock(dataSource([OtherBaseline1900000000001]));
  const file = await sqlFile('answer.sql', functionThatReturns(1));
  const refused = migrateUnderLock(dataSource([Baseline1800000000001], [file]));
  await expect(refused).rejects.toThrow(OutdatedDatabaseError);
  await expect(refused).rejects.toThrow(/created by an earlier build and cannot be upgraded.*npm run reset/);
  const { rows } = await pool.query(`select tablename from pg_tables where schemaname = '${SCHEMA}' order by 1`);
  expect(rows).toEqual([{ tablename: 'migrations' }, { tablename: 'other_numbers' }]);
});

it('ends the start of a service on a database of an earlier build, instead of waiting for it', async () => {
  await migrateUnderLock(dataSource([OtherBaseline1900000000001]));
  @Module({})
  class EmptyModule {}
  const config = Object.assign(new CommonConfig(), {
    host: '127.0.0.1',
    port: 0,
    metrics: { host: '127.0.0.1', port: 0 },
    logLevel: 'silent',
  });
  const started = bootstrapService({ name: 'outdated', config, dataSource: dataSource([Baseline1800000000001]), module: EmptyModule });
  await expect(started).rejects.toThrow(OutdatedDatabaseError);
});
