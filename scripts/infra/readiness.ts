// Whether a server can do its work. Each function fails, with the reason, if it cannot.
// The clients are loaded at the first use: the servers start meanwhile.

const TIMEOUT_MS = 1500;

/** PostgreSQL's error code. */
export const WRONG_PASSWORD = '28P01';

export async function checkPostgres(url: string): Promise<void> {
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
}

export async function checkRedis(url: string): Promise<void> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: TIMEOUT_MS, commandTimeout: TIMEOUT_MS });
  redis.on('error', () => {}); // connect() rejects with it
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}

/** A broker accepts connections before it can do anything: it can when it is listed itself. */
export async function checkKafka(broker: string): Promise<void> {
  await import('../../shared/src/kafka/request-queue-timer.ts');
  const { Kafka, logLevel } = await import('kafkajs');
  const timeouts = { connectionTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS };
  const admin = new Kafka({ brokers: [broker], ...timeouts, retry: { retries: 0 }, logLevel: logLevel.NOTHING }).admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    if (brokers.length === 0) throw new Error('no broker is registered');
  } finally {
    await admin.disconnect();
  }
}

export async function checkHttp(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`status ${response.status}: ${text.slice(0, 200)}`);
}
