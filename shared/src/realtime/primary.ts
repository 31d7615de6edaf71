import type { ChainableCommander, Redis } from 'ioredis';
import type { Log } from '../observability/logger.js';
import { WRITE_CHECK_KEY } from './keys.js';

/** An address that leads to several servers must not replace connections all the time. */
const REPLACE_INTERVAL_MS = 2000;

/**
 * Sends a pipeline of PUBLISH commands. A replica acknowledges PUBLISH as well, but its messages reach only its own subscribers, so the
 * pipeline also contains a write: it rejects with READONLY (and the connection is replaced) where nothing may count as published.
 */
export async function publishOnPrimary(pipeline: ChainableCommander): Promise<void> {
  await executePipeline(pipeline.del(WRITE_CHECK_KEY));
}

/** The results of all commands of a pipeline or transaction; rejects with the first error. */
export async function executePipeline(pipeline: ChainableCommander): Promise<unknown[]> {
  const results = await pipeline.exec();
  if (!results) throw new Error('the pipeline was not executed');
  return results.map(([error, result]) => {
    if (error) throw error;
    return result;
  });
}

/**
 * Replaces the connection if its server is a replica: after a failover the address leads to the new primary. In a Redis Cluster the keys may
 * also have moved to another primary: then the server rejects the write, and the connection is replaced for that. Rejects when Redis does not answer.
 */
export async function requirePrimary(redis: Redis, name: string, logger: Log): Promise<void> {
  const { stream } = redis;
  const [role] = await redis.role();
  if (redis.stream !== stream || redis.status !== 'ready') return;
  if (role === 'master') {
    await redis.del(WRITE_CHECK_KEY);
    return;
  }
  logger.warn({ redis: name, role }, 'the Redis server is no longer the primary, connecting again');
  stream.destroy();
}

/**
 * Keeps a subscriber on the server of `commands`, a connection of `createRedis`. A connection that has subscribed cannot ask its server for
 * its role; after a failover that left it open, messages that are published on the new primary may never arrive on it.
 */
export function followPrimary(subscriber: Redis, commands: Redis, logger: Log): void {
  const runIds = new Map<Redis, string>();
  let replacedAt = -Infinity;
  let again: NodeJS.Timeout | undefined;
  const compare = async (connection: Redis): Promise<void> => {
    runIds.delete(connection);
    // Sent before any SUBSCRIBE, because this listener is the first one.
    const runId = /^run_id:(\w+)/m.exec(await connection.info('server'))?.[1];
    if (runId) runIds.set(connection, runId);
    const [followed, own] = [runIds.get(commands), runIds.get(subscriber)];
    if (!followed || !own || followed === own || commands.status !== 'ready' || subscriber.status !== 'ready') return;
    if (performance.now() - replacedAt < REPLACE_INTERVAL_MS) {
      // The address may still lead to the former primary, of which only `commands` notices it.
      clearTimeout(again);
      again = setTimeout(() => void compare(commands).catch(() => {}), REPLACE_INTERVAL_MS).unref();
      return;
    }
    replacedAt = performance.now();
    // Whichever connected last leads to the present primary; the other one is replaced.
    logger.warn({}, 'a Redis connection leads to another server than before, connecting again');
    (connection === commands ? subscriber : commands).disconnect(true);
  };
  for (const connection of [subscriber, commands]) {
    // A connection that ends in between is compared when it is ready again.
    connection.on('ready', () => void compare(connection).catch(() => {}));
  }
}
