import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { MissingRightsError, provisionDatabase, withDatabase } from '../src/database/index.js';
import { dropDatabase, testInfra } from '../src/testing/index.js';

let superuser: Client;
const created: { databases: string[]; roles: string[] } = { databases: [], roles: [] };
const PASSWORD = 'admin-for-tests';

beforeAll(async () => {
  superuser = new Client({ connectionString: testInfra().postgresUrl });
  await superuser.connect();
});
afterAll(async () => {
  for (const name of created.databases) await dropDatabase(testInfra().postgresUrl, name);
  for (const role of created.roles) await superuser.query(`drop role if exists ${escapeIdentifier(role)}`);
  await superuser.end();
});

/** What `provisionDatabase` gets, with an administrator that has these attributes. */
async function installation(attributes: string) {
  const suffix = randomBytes(5).toString('hex');
  const admin = `admin_${suffix}`;
  const database = `test_provision_${suffix}`;
  await superuser.query(`create role ${admin} login ${attributes} password ${escapeLiteral(PASSWORD)}`);
  const url = new URL(testInfra().postgresUrl);
  url.username = admin;
  url.password = PASSWORD;
  const services = ['alpha', 'beta'].map((schema) => ({ schema, role: `${schema}_${suffix}`, password: `secret of ${schema}` }));
  created.databases.push(database);
  created.roles.push(admin, ...services.map(({ role }) => role));
  return { adminUrl: url.href, database, services };
}

/** The schemas that their roles own, as a role itself sees them. */
async function ownedSchemas({ adminUrl, database, services }: Awaited<ReturnType<typeof installation>>): Promise<string[]> {
  const owned: string[] = [];
  for (const { schema, role, password } of services) {
    const url = new URL(withDatabase(adminUrl, database));
    url.username = role;
    url.password = password;
    const client = new Client({ connectionString: url.href });
    await client.connect();
    await client.query(`create table ${schema}.t (id int); drop table ${schema}.t`).then(() => owned.push(schema));
    await client.end();
  }
  return owned;
}

it('an administrator that may create databases and roles is enough, also for a repetition', async () => {
  const parts = await installation('createdb createrole');
  await expect(provisionDatabase(parts)).resolves.toEqual([]);
  await expect(provisionDatabase(parts)).resolves.toEqual([]);
  await expect(ownedSchemas(parts)).resolves.toEqual(['alpha', 'beta']);
});

it('a role that exists gets the new password', async () => {
  const parts = await installation('createdb createrole');
  await provisionDatabase(parts);
  parts.services = parts.services.map((service) => ({ ...service, password: 'new password' }));
  await expect(provisionDatabase(parts)).resolves.toEqual([]);
  await expect(ownedSchemas(parts)).resolves.toEqual(['alpha', 'beta']);
});

it('names the statements for an administrator, and does the rest after they were run by hand', async () => {
  const parts = await installation('');
  const failure = await provisionDatabase(parts).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(MissingRightsError);
  const { statements } = failure as MissingRightsError;
  const { role } = parts.services[0]!;
  expect(statements[0]).toBe(`create database "${parts.database}" template template0 encoding 'UTF8'`);
  expect(statements).toContain(`create schema "alpha" authorization "${role}"`);
  expect(statements.join()).not.toContain('secret of');

  const byHand = (text: string) => text.replace(/<password of (alpha|beta)_\w+>/, 'secret of $1');
  const split = statements.findIndex((text) => text.startsWith('revoke all on database'));
  for (const text of statements.slice(0, split)) await superuser.query(byHand(text));
  const inDatabase = new Client({ connectionString: withDatabase(testInfra().postgresUrl, parts.database) });
  onTestFinished(() => inDatabase.end());
  await inDatabase.connect();
  for (const text of statements.slice(split)) await inDatabase.query(text);

  await expect(provisionDatabase(parts)).resolves.toEqual([]);
  await expect(ownedSchemas(parts)).resolves.toEqual(['alpha', 'beta']);
});

it('does without closing a database that belongs to another role, and says so', async () => {
  const parts = await installation('createrole');
  await superuser.query(`create database ${parts.database}`);
  await superuser.query(`grant create on database ${parts.database} to ${new URL(parts.adminUrl).username}`);
  await expect(provisionDatabase(parts)).resolves.toContain(`revoke all on database "${parts.database}" from public`);
  await expect(ownedSchemas(parts)).resolves.toEqual(['alpha', 'beta']);
});

it('names the right to connect to a database that exists and is closed', async () => {
  const parts = await installation('createrole');
  await superuser.query(`create database ${parts.database}`);
  await superuser.query(`revoke all on database ${parts.database} from public`);
  await expect(provisionDatabase(parts)).rejects.toMatchObject({
    statements: [`grant connect on database "${parts.database}" to "${new URL(parts.adminUrl).username}"`],
  });
});
