import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa, type ResultPromise } from 'execa';
import getPort from 'get-port';
import { Redis } from 'ioredis';
import { eventually, testRedisConfig } from '../../src/testing/index.js';

/** A redis-server of this test alone, of the same version as the Redis of the test run. */
export interface RedisServer {
  url: string;
  port: number;
  /** For commands to this server. */
  admin: Redis;
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  /** A Sentinel that watches the primary on this port. */
  sentinelOf?: number;
  /** Further arguments of redis-server. */
  args?: string[];
}

/** Starts `redis-server` on a free port, without persistence. */
export async function startRedisServer({ sentinelOf, args = [] }: RedisServerOptions = {}): Promise<RedisServer> {
  const port = await getPort();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'chat-redis-'));
  const file = path.join(folder, 'redis.conf');
  await writeFile(
    file,
    sentinelOf ? `sentinel monitor mymaster 127.0.0.1 ${sentinelOf} 1\nsentinel down-after-milliseconds mymaster 500\n` : '',
  );
  const process: ResultPromise = execa(
    await executable(),
    [
      file,
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      ...(sentinelOf ? ['--sentinel'] : ['--save', '', '--repl-diskless-sync-delay', '0']),
      ...args,
    ],
    { reject: false, stdio: 'ignore', cleanup: true, forceKillAfterDelay: 2000 },
  );
  const url = `redis://127.0.0.1:${port}`;
  const admin = new Redis(url, { retryStrategy: () => 50 });
  admin.on('error', () => {}); // it is starting
  await eventually(async () => (await admin.ping()) === 'PONG');
  return {
    url,
    port,
    admin,
    async stop() {
      admin.disconnect();
      process.kill();
      await process;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function executable(): Promise<string> {
  const redis = new Redis(testRedisConfig().url);
  try {
    return /^executable:(.+)\r$/m.exec(await redis.info('server'))![1]!;
  } finally {
    redis.disconnect();
  }
}
