import { setTimeout as sleep } from 'node:timers/promises';
import { withinTimeout } from '@chat/shared/cli';
import { createKafka, SchemaRegistry, UnknownSchemaError } from '@chat/shared/kafka';
import { silentLog } from '@chat/shared/observability';
import { Client } from 'pg';
import type { SetupConfig } from '../config.js';
import { adminUrlOf } from '../provision/admin-url.js';

const RETRY_MS = 500;
const ANSWER_WITHIN_MS = 2000;
/** SQLSTATE: refusals of a server that works, which provisioning reports. */
const REFUSALS = ['28P01', '28000', '3D000', '42501'];

/** Resolves as soon as PostgreSQL, Kafka and the Schema Registry answer. Rejects with a UsageError after the timeout of the config. */
export async function waitForServers(config: SetupConfig): Promise<void> {
  const { database, kafka, timeoutSeconds } = config;
  const wait = (what: string, check: () => Promise<void>) =>
    withinTimeout(what, timeoutSeconds, (onWaiting, signal) => retry(check, onWaiting, signal));
  await Promise.all([
    wait(`PostgreSQL at ${database.host}:${database.port}`, () => checkPostgres(adminUrlOf(database))),
    wait(`Kafka at ${kafka.brokers.join(',')}`, () => checkKafka(config)),
    wait(`the Schema Registry at ${new URL(kafka.schemaRegistryUrl).host}`, () => checkRegistry(config)),
  ]);
}

async function retry(check: () => Promise<void>, onWaiting: (reason: string) => void, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await check();
    } catch (error) {
      onWaiting(reasonOf(error));
    }
    await sleep(RETRY_MS, undefined, { signal });
  }
}

function reasonOf(error: unknown): string {
  const { message, code, cause, errors } = error as Error & { code?: string; errors?: Error[] };
  // The message of the registry is only that it is not available.
  return (cause instanceof Error && reasonOf(cause)) || message || errors?.[0]?.message || code || 'no connection';
}

async function checkPostgres(connectionString: string): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: ANSWER_WITHIN_MS });
  client.on('error', () => {}); // the connection may break while it is closed
  try {
    await client.connect();
  } catch (error) {
    if (!REFUSALS.includes((error as { code?: string }).code ?? '')) throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

/** A broker accepts connections before it can do anything: it can when it is listed itself. */
async function checkKafka({ kafka }: SetupConfig): Promise<void> {
  const admin = createKafka(kafka, 'migrate', silentLog).admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    if ((await admin.describeCluster()).brokers.length === 0) throw new Error('no broker is registered');
  } finally {
    await admin.disconnect();
  }
}

/** A new registry answers that it does not know the schema. */
async function checkRegistry({ kafka }: SetupConfig): Promise<void> {
  await new SchemaRegistry(kafka).idOf('UserRegistered').catch((error: unknown) => {
    if (!(error instanceof UnknownSchemaError)) throw error;
  });
}
