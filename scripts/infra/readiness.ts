// Whether a server can do its work. Each function returns null if it can, else the reason.
// The clients are loaded at the first use: the servers start meanwhile.

const TIMEOUT_MS = 1500;

/** PostgreSQL's error code. */
export const WRONG_PASSWORD = '28P01';

export async function postgresNotReady(url: string): Promise<string | null> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS });
  client.on('error', () => {}); // the server restarted meanwhile: the next check sees it
  try {
    await client.connect();
  } catch (error) {
    if ((error as { code?: string }).code !== WRONG_PASSWORD) throw error; // a refused password is an answer; the next step reports it
  } finally {
    await client.end().catch(() => {});
  }
  return null;
}

export async function redisNotReady(url: string): Promise<string | null> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: TIMEOUT_MS, commandTimeout: TIMEOUT_MS });
  redis.on('error', () => {}); // connect() rejects with it
  try {
    await redis.connect();
    await redis.ping();
    return null;
  } finally {
    redis.disconnect();
  }
}

/** A broker accepts connections before it can do anything: it can when it is listed itself. */
export async function kafkaNotReady(broker: string): Promise<string | null> {
  await import('../../shared/src/kafka/request-queue-timer.ts');
  const { Kafka, logLevel } = await import('kafkajs');
  const kafka = new Kafka({
    brokers: [broker],
    connectionTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    return brokers.length > 0 ? null : 'no broker is registered';
  } finally {
    await admin.disconnect();
  }
}

export async function httpNotReady(url: string): Promise<string | null> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  return response.ok ? null : `status ${response.status}: ${(await response.text()).slice(0, 200)}`;
}
