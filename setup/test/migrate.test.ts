import { randomBytes } from 'node:crypto';
import { migrateCommand as migrateServiceCommand } from '@chat/shared/cli';
import { loadConfig } from '@chat/shared/config';
import { createPool } from '@chat/shared/database';
import { dropDatabase, eventually, provisionTestKafka, testInfra, testKafkaConfig } from '@chat/shared/testing';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import { Client, escapeIdentifier } from 'pg';
import { afterAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { SetupConfig } from '../src/config.js';
import { migrateCommand } from '../src/migrate/migrate.command.js';
import { configAs, type Schema, schemasOf } from '../src/schemas.js';

const { postgresUrl } = testInfra();
const kafka = testKafkaConfig();
const suffix = randomBytes(5).toString('hex');
const database = `test_setup_${suffix}`;
const env = {
  DATABASE_URL: Object.assign(new URL(postgresUrl), { pathname: `/${database}` }).href,
  DB_ROLE_PREFIX: `test_${suffix}_`,
  ...Object.fromEntries(
    ['AUTH', 'CHAT', 'PRESENCE', 'PROFILE', 'NOTIFICATION'].map((name) => [`${name}_DB_PASSWORD`, `${name}-${suffix}`]),
  ),
  KAFKA_BROKER: kafka.brokers.join(','),
  SCHEMA_REGISTRY_URL: kafka.schemaRegistryUrl,
  KAFKA_TOPIC_PREFIX: kafka.topicPrefix,
};
const config = loadConfig(SetupConfig, env);

let printed: string[] = [];
beforeEach(() => {
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  onTestFinished(() => void vi.restoreAllMocks());
});
afterAll(async () => {
  await dropDatabase(postgresUrl, database);
  const admin = new Client({ connectionString: postgresUrl });
  await admin.connect();
  for (const { account } of schemasOf(config)) await admin.query(`drop role if exists ${escapeIdentifier(account.role)}`);
  await admin.end();
  await (await provisionTestKafka(kafka)).drop();
});

/** How many tables each service has, as its own role sees them. */
async function tables(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { service, account } of schemasOf(config)) {
    const pool = createPool({ config: configAs(account, config.database), applicationName: 'test', max: 1 });
    const sql = 'select count(*)::int as count from pg_tables where schemaname = current_schema() and tableowner = current_user';
    counts[service] = ((await pool.query(sql)).rows as { count: number }[])[0]!.count;
    await pool.end();
  }
  return counts;
}

async function proxyTo(url: string): Promise<{ proxy: FaultProxy; url: string }> {
  const proxy = await FaultProxy.start(url);
  onTestFinished(() => proxy.close());
  return { proxy, url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(proxy.port) }).href };
}

it('prepares an empty installation, and can be repeated', async () => {
  await expect(migrateCommand([], env)).resolves.toBe('Everything is ready for the services.');
  const counts = await tables();
  expect(Object.keys(counts)).toHaveLength(5);
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(2);
  await migrateCommand([], env);
  expect(await tables()).toEqual(counts);
});

it('a service migrates its own schema with its own role', async () => {
  await migrateCommand([], env);
  const { account, createDataSource } = schemasOf(config)[1]!;
  const { host, port, name } = config.database;
  const own = { DB_HOST: host, DB_PORT: String(port), DB_NAME: name, DB_USERNAME: account.role, DB_PASSWORD: account.password };
  const command = migrateServiceCommand('chat-service', createDataSource);
  await expect(command([], own)).resolves.toBe('chat-service: its schema is up to date');
  await expect(command([], { ...own, DB_PASSWORD: 'wrong', MIGRATE_TIMEOUT: '2' })).rejects.toThrow(
    /could not be used within 2 s: password authentication failed/,
  );
});

it('waits for PostgreSQL and the Schema Registry, and says so', async () => {
  const postgres = await proxyTo(env.DATABASE_URL);
  const registry = await proxyTo(env.SCHEMA_REGISTRY_URL);
  for (const { proxy } of [postgres, registry]) proxy.refuse();
  const migrating = migrateCommand([], { ...env, DATABASE_URL: postgres.url, SCHEMA_REGISTRY_URL: registry.url });
  await eventually(() => {
    expect(printed).toContainEqual(expect.stringMatching(/^waiting for PostgreSQL at 127\.0\.0\.1:\d+: ./));
    expect(printed).toContainEqual(expect.stringMatching(/^waiting for the Schema Registry at 127\.0\.0\.1:\d+: ./));
  });
  for (const { proxy } of [postgres, registry]) proxy.resume();
  await expect(migrating).resolves.toBe('Everything is ready for the services.');
});

it('ends after the timeout with the reason', async () => {
  const nothing = await FaultProxy.start(env.DATABASE_URL);
  const broker = `127.0.0.1:${nothing.port}`;
  await nothing.close();
  await expect(migrateCommand([], { ...env, KAFKA_BROKER: broker, MIGRATE_TIMEOUT: '2' })).rejects.toThrow(
    `Kafka at ${broker} could not be used within 2 s: `,
  );
});

it('says that PostgreSQL refuses the administrator, without a wait', async () => {
  const url = Object.assign(new URL(env.DATABASE_URL), { username: `nobody_${suffix}` }).href;
  await expect(migrateCommand([], { ...env, DATABASE_URL: url })).rejects.toThrow(/refuses the password for "nobody_/);
});

it('says which statements an administrator has to run if its user has too few rights', async () => {
  await migrateCommand([], env);
  const { account } = schemasOf(config)[0]!;
  const url = Object.assign(new URL(env.DATABASE_URL), { username: account.role, password: account.password }).href;
  const failure = await migrateCommand([], { ...env, DATABASE_URL: url, DB_ROLE_PREFIX: `other_${suffix}_` }).catch(String);
  expect(failure).toContain(`  create role "other_${suffix}_auth_service" login`);
  expect(failure).not.toContain(account.password);
});

it('a service says that its schema was not created', async () => {
  await migrateCommand([], env);
  const [auth, chat] = schemasOf(config) as [Schema, Schema];
  const { host, port, name } = config.database;
  const own = { DB_HOST: host, DB_PORT: String(port), DB_NAME: name, DB_USERNAME: chat.account.role, DB_PASSWORD: chat.account.password };
  await expect(migrateServiceCommand('auth-service', auth.createDataSource)([], own)).rejects.toThrow(
    /permission denied.*The schema must exist and belong to this role/,
  );
});
