import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { DatabaseConfig } from '../config/index.js';
import { provisionDatabase, withDatabase } from '../database/provision.js';
import { testInfra } from './test-infra.js';

/** A database of one test file. */
export interface TestDatabase {
  config: DatabaseConfig;
  /** The URL of the same database for an administrator. */
  adminUrl: string;
  drop(): Promise<void>;
}

/** What a test database is made for. */
export interface TestDatabaseParts {
  schema: string;
  /** The login role of the service; tests use `<role>_test`, so that a system on the same server keeps its password. */
  role: string;
  migrate: (config: DatabaseConfig) => Promise<void>;
}

const PASSWORD = 'for-tests-only';
const ORPHANED_AFTER_MS = 2 * 3_600_000;

/** Creates a migrated database for one test file: a copy of a template, which the first call of a test run creates while the others wait. */
export async function createTestDatabase({ schema, role, migrate }: TestDatabaseParts): Promise<TestDatabase> {
  const { postgresUrl } = testInfra();
  const testRole = `${role}_test`;
  const template = `test_template_${schema}_${runId()}`;
  const name = `test_${schema}_${randomBytes(6).toString('hex')}`;
  const configFor = (database: string) => {
    const url = new URL(withDatabase(postgresUrl, database));
    url.username = testRole;
    url.password = PASSWORD;
    return DatabaseConfig.fromUrl(url.href);
  };

  const admin = new Client({ connectionString: postgresUrl });
  await admin.connect();
  try {
    await admin.query('select pg_advisory_lock(hashtext($1))', [template]);
    const found = await admin.query('select 1 from pg_database where datname = $1', [template]);
    if (found.rowCount === 0) {
      await dropOrphaned(admin, schema);
      const building = `test_building_${schema}_${randomBytes(6).toString('hex')}`;
      await provisionDatabase({ adminUrl: postgresUrl, database: building, services: [{ schema, role: testRole, password: PASSWORD }] });
      await migrate(configFor(building));
      // The migration may have left a connection open; only a database without connections can be copied.
      await endConnections(admin, building);
      await admin.query(`comment on database ${escapeIdentifier(building)} is ${escapeLiteral(new Date().toISOString())}`);
      await admin.query(`alter database ${escapeIdentifier(building)} rename to ${escapeIdentifier(template)}`);
    }
    await admin.query(`create database ${escapeIdentifier(name)} template ${escapeIdentifier(template)}`);
    await admin.query(`comment on database ${escapeIdentifier(name)} is ${escapeLiteral(new Date().toISOString())}`);
  } finally {
    await admin.end();
  }
  return { config: configFor(name), adminUrl: withDatabase(postgresUrl, name), drop: () => dropDatabase(postgresUrl, name) };
}

/** Closes the connections of a database and drops it. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
  } finally {
    await admin.end();
  }
}

async function endConnections(admin: Client, database: string): Promise<void> {
  await admin.query('select pg_terminate_backend(pid, 2000) from pg_stat_activity where datname = $1', [database]);
}

/** Drops the databases of test runs that were killed. */
async function dropOrphaned(admin: Client, schema: string): Promise<void> {
  const { rows } = await admin.query<{ datname: string; made: string }>(
    `select datname, shobj_description(oid, 'pg_database') as made from pg_database where datname like $1 or datname like $2`,
    [`test\\_${schema}\\_%`, `test\\_template\\_${schema}\\_%`],
  );
  for (const { datname, made } of rows) {
    if (made && Date.parse(made) < Date.now() - ORPHANED_AFTER_MS)
      await admin.query(`drop database if exists ${escapeIdentifier(datname)} with (force)`).catch(() => {});
  }
}

/** An id that is the same in all workers of a test run, and another one in the next: of the parent process and its start time. */
function runId(): string {
  let startedAt = '';
  try {
    startedAt = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(' ')[21] ?? '';
  } catch {
    // No /proc on this system; the id of the parent process alone is not reused for a long time.
  }
  return createHash('sha256').update(`${process.ppid}:${startedAt}`).digest('hex').slice(0, 10);
}
