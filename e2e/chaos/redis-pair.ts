import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import type { InfraAddresses } from '../../scripts/infra/addresses.ts';
import { prepareRedis } from '../../scripts/infra/redis.ts';
import { newLogFile } from '../../scripts/processes/logs.ts';
import { freePort } from '../../scripts/processes/ports.ts';
import { ProcessGroup } from '../../scripts/processes/process-group.ts';
import type { Fault } from './prove-faults.ts';
import type { OwnInfra } from './run-proof.ts';

/** A primary and a replica of it, behind an address that leads to the primary: a virtual IP address or a proxy. */
export class RedisPair implements OwnInfra {
  readonly #group = new ProcessGroup(console.log);
  readonly #password = randomBytes(16).toString('hex');
  #addresses: string[] = [];
  #proxy: FaultProxy | undefined;

  /** The servers change their roles, and every connection stays open. After a while the address leads new connections to the new primary. */
  readonly roleChange: Fault = {
    name: 'redis-role-change',
    seconds: 5,
    sendsGoOn: true,
    begin: () => this.#changeRoles(),
    end: async () => this.#proxy?.leadTo(this.#addresses[1]!),
  };

  async start(dataDir: string): Promise<Partial<InfraAddresses>> {
    const servers = ['redis-1', 'redis-2'].map((name) => this.#startServer(dataDir, name));
    this.#addresses = await Promise.all(servers);
    const [primary, replica] = this.#addresses as [string, string];
    await this.#replicate(replica, primary);
    await command(replica, async (redis) => {
      while (!/master_link_status:up/.test(await redis.info('replication'))) await sleep(50);
    });
    this.#proxy = await FaultProxy.start(primary);
    return { redisUrl: this.#proxy.urlFor(primary) };
  }

  async stop(): Promise<void> {
    await this.#proxy?.close();
    await this.#group.stop();
  }

  async #startServer(dataDir: string, name: string): Promise<string> {
    const port = await freePort();
    const logFile = newLogFile(path.join(dataDir, 'logs'), name);
    const { address, ...process } = await prepareRedis({
      dataDir: path.join(dataDir, name),
      port,
      secondPort: 0,
      password: this.#password,
    });
    await this.#group.start({ name, kind: 'infrastructure', port, logFile, ...process });
    return address;
  }

  async #changeRoles(): Promise<void> {
    const [former, next] = this.#addresses as [string, string];
    await command(next, (redis) => redis.replicaof('NO', 'ONE'));
    await this.#replicate(former, next);
  }

  async #replicate(replica: string, primary: string): Promise<void> {
    const { hostname, port, username, password } = new URL(primary);
    await command(replica, async (redis) => {
      await redis.config('SET', 'masteruser', username, 'masterauth', password);
      await redis.replicaof(hostname, port);
    });
  }
}

async function command(address: string, send: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(address);
  try {
    await send(redis);
  } finally {
    redis.disconnect();
  }
}
