import { newLogFile } from '../processes/logs.ts';
import type { ManagedProcess } from '../processes/managed-process.ts';
import { choosePorts, type WantedPort } from '../processes/ports.ts';
import type { ProcessGroup } from '../processes/process-group.ts';
import type { InfraAddresses } from './addresses.ts';
import { prepareKafka } from './kafka.ts';
import type { PartOptions, PartProcess } from './part.ts';
import { preparePostgres } from './postgres.ts';
import { prepareRedis } from './redis.ts';
import { prepareRegistry } from './registry.ts';

/** What runs here unless its address is given. Kafka first: Maven fetches its jars first, and it starts while Maven fetches the registry. */
const PARTS = {
  kafka: { address: 'kafkaBroker', prepare: prepareKafka },
  registry: { address: 'schemaRegistryUrl', prepare: prepareRegistry },
  postgres: { address: 'databaseUrl', prepare: preparePostgres },
  redis: { address: 'redisUrl', prepare: prepareRedis },
} as const satisfies Record<string, { address: keyof InfraAddresses; prepare: (options: PartOptions) => Promise<PartProcess> }>;

export type InfraPart = keyof typeof PARTS;
export type InfraProcesses = Partial<Record<InfraPart, ManagedProcess>>;

/** The ports of the parts, unless variables choose others. */
export const INFRA_PORTS: Record<InfraPart | 'kafkaController', WantedPort> = {
  postgres: { name: 'PostgreSQL', port: 15432, variable: 'CHAT_POSTGRES_PORT' },
  redis: { name: 'Redis', port: 16379, variable: 'CHAT_REDIS_PORT' },
  kafka: { name: 'Kafka', port: 19092, variable: 'CHAT_KAFKA_PORT' },
  kafkaController: { name: "Kafka's controller", port: 19093, variable: 'CHAT_KAFKA_CONTROLLER_PORT' },
  registry: { name: 'the Schema Registry', port: 18081, variable: 'CHAT_REGISTRY_PORT' },
};

export interface InfraOptions {
  dataDir: string;
  logDir: string;
  /** Addresses of parts that run already; only the rest is started. */
  given: Partial<InfraAddresses>;
  ports: 'default' | 'free';
  postgresPassword: string;
  group: ProcessGroup;
}

/** Starts PostgreSQL, Redis, Kafka and the Schema Registry as local processes, except those whose address is given. */
export async function startInfra(options: InfraOptions): Promise<{ addresses: InfraAddresses; processes: InfraProcesses }> {
  const { dataDir, logDir, given, postgresPassword: password, group } = options;
  const parts = (Object.keys(PARTS) as InfraPart[]).filter((part) => !given[PARTS[part].address]);
  const needed = [...parts, ...(parts.includes('kafka') ? (['kafkaController'] as const) : [])];
  const wanted = Object.fromEntries(needed.map((name) => [name, INFRA_PORTS[name]])) as typeof INFRA_PORTS;
  const ports = await choosePorts(wanted, options.ports);
  const addresses = { ...given };
  const processes: InfraProcesses = {};
  await Promise.all(
    parts.map(async (name) => {
      const port = ports[name];
      const logFile = newLogFile(logDir, name);
      const { address, ...part } = await PARTS[name].prepare({ dataDir, port, secondPort: ports.kafkaController, password });
      processes[name] = await group.start({ name, kind: 'infrastructure', port, logFile, ...part });
      addresses[PARTS[name].address] = address;
    }),
  );
  return { addresses: addresses as InfraAddresses, processes };
}
