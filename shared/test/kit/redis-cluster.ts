import getPort from 'get-port';
import { RedisConfig } from '../../src/config/index.js';
import { redisKey } from '../../src/realtime/index.js';
import { eventually } from '../../src/testing/index.js';
import { startRedisServer, type RedisServer } from './redis-servers.js';

const SLOTS = 16_384;

/** A Redis Cluster of this test alone. */
export interface RedisCluster {
  config: RedisConfig;
  /** The primary that has the keys of `redisKey`. */
  owner: RedisServer;
  /** The other primary. */
  other: RedisServer;
  /** A replica of `owner`. */
  replica: RedisServer;
  stop(): Promise<void>;
}

/** Starts two primaries with half of the slots each, and a replica. The first address in the config is one at which no node answers. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all([startNode(), startNode(), startNode()]);
  const [first, second, replica] = nodes;
  await first.admin.cluster('ADDSLOTSRANGE', 0, SLOTS / 2 - 1);
  await second.admin.cluster('ADDSLOTSRANGE', SLOTS / 2, SLOTS - 1);
  for (const { port, busPort } of nodes) await first.admin.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  const owner = (await slotOfKeys(first)) < SLOTS / 2 ? first : second;
  await eventually(async () => (await replica.admin.cluster('REPLICATE', await idOf(owner)).catch(() => null)) === 'OK');
  await eventually(async () => (await Promise.all(nodes.map(isReady))).every(Boolean));
  await eventually(async () => /master_link_status:up/.test(await replica.admin.info('replication')));
  return {
    config: Object.assign(RedisConfig.fromUrl('redis://unused'), {
      clusterNodes: ['127.0.0.1:1', ...nodes.map(({ port }) => `127.0.0.1:${port}`)],
    }),
    owner,
    other: owner === first ? second : first,
    replica,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

/** Moves the keys of `redisKey` from one primary to another, as a resharding does. */
export async function moveKeys(from: RedisServer, to: RedisServer): Promise<void> {
  const slot = await slotOfKeys(from);
  const target = await idOf(to);
  await to.admin.cluster('SETSLOT', slot, 'IMPORTING', await idOf(from));
  await from.admin.cluster('SETSLOT', slot, 'MIGRATING', target);
  const keys = await from.admin.cluster('GETKEYSINSLOT', slot, 10_000);
  if (keys.length > 0) await from.admin.migrate('127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys);
  await to.admin.cluster('SETSLOT', slot, 'NODE', target);
  await from.admin.cluster('SETSLOT', slot, 'NODE', target);
}

/** Makes a replica the primary in place of its own, whether that one answers or not. The other nodes learn of it within a second. */
export async function becomePrimary({ admin }: RedisServer): Promise<void> {
  await eventually(async () => (await admin.call('CLUSTER', 'FAILOVER', 'TAKEOVER').catch(() => null)) === 'OK');
}

async function startNode(): Promise<RedisServer & { busPort: number }> {
  const busPort = await getPort();
  const args = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', '5000'];
  return { ...(await startRedisServer({ args })), busPort };
}

const slotOfKeys = ({ admin }: RedisServer) => admin.cluster('KEYSLOT', redisKey('any'));
const idOf = async ({ admin }: RedisServer) => (await admin.call('CLUSTER', 'MYID')) as string;
const isReady = async ({ admin }: RedisServer) => /cluster_state:ok[^]*cluster_known_nodes:3/.test(await admin.cluster('INFO'));
