import { connect as connectTcp, Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { AbstractConnector, Redis, type RedisOptions } from 'ioredis';
import { WRITE_CHECK_KEY } from './keys.js';

const NODE_TIMEOUT_MS = 2000;

/** The address of a server. */
export interface RedisNode {
  host: string;
  port: number;
}

/**
 * The option `Connector` of ioredis for a Redis Cluster: each connect leads to the primary that has the keys of `redisKey` at that time, as the
 * first of these nodes that answers says. User, password and TLS are those of the connection.
 */
export function clusterConnector(nodes: RedisNode[]): NonNullable<RedisOptions['Connector']> {
  let next = 0;
  return class ClusterConnector extends AbstractConnector {
    private readonly options: RedisOptions;

    constructor(options: unknown) {
      super((options as { disconnectTimeout: number }).disconnectTimeout);
      this.options = options as RedisOptions;
    }

    /** Called with the reply to INFO: a node that does not know of a failover yet may name the former primary. */
    override check({ role }: { role?: string }): boolean {
      return role === 'master';
    }

    async connect(): Promise<Socket> {
      this.connecting = true;
      try {
        const address = await this.findPrimary();
        if (!this.connecting) throw new Error('Connection is closed.');
        const { tls } = this.options;
        this.stream = tls ? connectTls({ ...(tls as ConnectionOptions), ...address }) : connectTcp(address);
        this.stream.once('error', (error) => (this.firstError = error));
      } catch (error) {
        // With a closed stream, ioredis tries again by its retryStrategy; a rejection would end the connection for ever.
        this.firstError = error as Error;
        this.stream = new Socket().destroy();
      }
      return this.stream;
    }

    private async findPrimary(): Promise<RedisNode> {
      let failure: unknown;
      for (let tried = 0; tried < nodes.length; tried++) {
        try {
          return await askForPrimary(nodes[next++ % nodes.length]!, this.options);
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    }
  };
}

async function askForPrimary(node: RedisNode, { username, password, tls }: RedisOptions): Promise<RedisNode> {
  const redis = new Redis({
    ...node,
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(tls ? { tls } : {}),
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: NODE_TIMEOUT_MS,
    commandTimeout: NODE_TIMEOUT_MS,
    enableReadyCheck: false,
    disableClientInfo: true,
  });
  let failure: Error | undefined;
  redis.on('error', (error: Error) => (failure ??= error));
  try {
    await redis.connect();
    const slot = await redis.cluster('KEYSLOT', WRITE_CHECK_KEY);
    const ranges = await redis.cluster('SLOTS');
    const primary = ranges.find(([first, last]) => first <= slot && slot <= last)?.[2];
    if (!primary) throw new Error(`no node of the Redis Cluster has slot ${slot}`);
    // A node that does not know its own address gives none: it is the one that was asked.
    return { host: String(primary[0] || node.host), port: Number(primary[1]) };
  } catch (error) {
    throw failure ?? error;
  } finally {
    redis.disconnect();
  }
}
