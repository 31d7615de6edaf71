import { randomBytes } from 'node:crypto';
import { Client, type Pool, escapeIdentifier } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseConfig } from '../src/config/index.js';
import { createPool, provisionDatabase, withDatabase } from '../src/database/index.js';
import { dropDatabase, testInfra } from '../src/testing/index.js';

const random = () => randomBytes(5).toString('hex');

describe('provisionDatabase', () => {
  const suffix = random();
  const database = `test_provision_${suffix}`;
  const services = ['alpha', 'beta'].map((name) => ({ schema: name, role: `${name}_${suffix}`, password: `pw-${name}'"\\` }));
  const configOf = (index: number, name = database) => {
    const url = new URL(withDatabase(testInfra().postgresUrl, name));
    url.username = services[index]!.role;
    url.password = encodeURIComponent(services[index]!.password);
    return DatabaseConfig.fromUrl(url.href);
  };
  const as = async <T>(config: DatabaseConfig, work: (pool: Pool) => Promise<T>): Promise<T> => {
    const pool = createPool({ config, applicationName: 'test', max: 1 });
    try {
      return await work(pool);
    } finally {
      await pool.end();
    }
  };

  beforeAll(async () => {
    const parts = { adminUrl: testInfra().postgresUrl, database, services };
    // Three at the same time, and once more.
    await Promise.all([provisionDatabase(parts), provisionDatabase(parts), provisionDatabase(parts)]);
    await provisionDatabase(parts);
  });
  afterAll(async () => {
    await dropDatabase(testInfra().postgresUrl, database);
    const admin = new Client({ connectionString: testInfra().postgresUrl });
    await admin.connect();
    for (const { role } of services) await admin.query(`drop role if exists ${escapeIdentifier(role)}`);
    await admin.end();
  });

  it('allows a role to use its own schema', async () => {
    await as(configOf(0), async (pool) => {
      await pool.query('create table mine (id int)');
      await pool.query('insert into mine values (1)');
      expect((await pool.query('select current_schema() as schema')).rows).toEqual([{ schema: 'alpha' }]);
    });
  });

  it.each([
    ['read', 'select * from alpha.mine'],
    ['write', 'insert into alpha.mine values (2)'],
    ['create in', 'create table alpha.theirs (id int)'],
    ['drop', 'drop schema alpha cascade'],
    ['create in public', 'create table public.theirs (id int)'],
    ['make temporary tables', 'create temp table t (id int)'],
    ['make schemas', 'create schema gamma'],
    ['make roles', 'create role r'],
    ['become', `set role alpha_${suffix}`],
    ['make databases', 'create database d'],
  ])('denies a role the schema of another one: it cannot %s', async (_what, sql) => {
    await as(configOf(0), (pool) => pool.query('create table if not exists mine (id int)'));
    const failure = await as(configOf(1), (pool) => pool.query(sql)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: '42501' });
  });

  it('allows no other role to connect', async () => {
    const other = `test_provision_other_${suffix}`;
    await provisionDatabase({ adminUrl: testInfra().postgresUrl, database: other, services: [services[0]!] });
    try {
      await expect(as(configOf(1, other), (pool) => pool.query('select 1'))).rejects.toMatchObject({ code: '42501' });
    } finally {
      await dropDatabase(testInfra().postgresUrl, other);
    }
  });
});
