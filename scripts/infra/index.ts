import { ManagedProcess, type ProcessDefinition, type Watch } from '../processes/managed-process.ts';
import { newLogFile } from '../processes/logs.ts';
import { abortCommands } from '../processes/run-command.ts';
import { freePort, portFrom, requireFreePorts, type WantedPort } from '../processes/ports.ts';
import type { InfraAddresses } from './addresses.ts';
import { prepareKafka } from './kafka.ts';
import { preparePostgres } from './postgres.ts';
import { prepareRedis } from './redis.ts';
import { REGISTRY_PATH, prepareRegistry } from './registry.ts';

/** PostgreSQL, Redis, Kafka and the Schema Registry, as local processes or at addresses that were given. */
export interface Infra extends InfraAddresses {
  /** The parts that run here; absent if an address was given. Each can be stopped, restarted on its data, killed and paused. */
  postgres?: ManagedProcess;
  redis?: ManagedProcess;
  kafka?: ManagedProcess;
  registry?: ManagedProcess;
  stop(): Promise<void>;
}

export type InfraPart = 'postgres' | 'redis' | 'kafka' | 'registry';
type PortName = InfraPart | 'kafkaController';

/** The ports of the parts that run here, unless variables choose others. */
export const PORTS: Record<PortName, WantedPort> = {
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
  /** Password of the database's superuser. */
  postgresPassword: string;
  watch: Watch;
  report: (text: string) => void;
  signal?: AbortSignal;
}

export async function startInfra(options: InfraOptions): Promise<Infra> {
  const { given } = options;
  const ports = await choosePorts(options);
  const parts: Partial<Record<InfraPart, ManagedProcess>> = {};

  const start = async (part: InfraPart, definition: Promise<ProcessDefinition>) => {
    const process = new ManagedProcess(await definition, options.watch);
    options.signal?.throwIfAborted();
    parts[part] = process;
    await process.start();
    options.report(`${part} is ready on port ${ports[part]}`);
  };
  const common = (part: InfraPart) => ({ dataDir: options.dataDir, logFile: newLogFile(options.logDir, part), port: ports[part] });

  // Kafka first: Maven fetches its jars first, and Kafka starts while Maven still fetches the registry.
  const starts: Promise<void>[] = [];
  if (!given.kafkaBroker) starts.push(start('kafka', prepareKafka({ ...common('kafka'), controllerPort: ports.kafkaController })));
  if (!given.schemaRegistryUrl) starts.push(start('registry', prepareRegistry(common('registry'))));
  if (!given.databaseUrl) starts.push(start('postgres', preparePostgres({ ...common('postgres'), password: options.postgresPassword })));
  if (!given.redisUrl) starts.push(start('redis', prepareRedis(common('redis'))));

  const stop = async () => {
    await Promise.allSettled(Object.values(parts).map((part) => part.stop()));
  };
  const cancel = () => {
    abortCommands();
    void stop();
  };
  options.signal?.addEventListener('abort', cancel, { once: true });
  try {
    await Promise.all(starts);
    options.signal?.throwIfAborted();
  } catch (error) {
    abortCommands();
    await stop();
    await Promise.allSettled(starts);
    await stop(); // parts whose preparation ended after the first failure
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', cancel);
  }
  return {
    databaseUrl: `postgres://postgres:${options.postgresPassword}@127.0.0.1:${ports.postgres}/chat`,
    redisUrl: `redis://127.0.0.1:${ports.redis}`,
    kafkaBroker: `127.0.0.1:${ports.kafka}`,
    schemaRegistryUrl: `http://127.0.0.1:${ports.registry}${REGISTRY_PATH}`,
    ...given,
    ...parts,
    stop,
  };
}

async function choosePorts({ ports, given }: InfraOptions): Promise<Record<PortName, number>> {
  const needed: Record<PortName, boolean> = {
    postgres: !given.databaseUrl,
    redis: !given.redisUrl,
    kafka: !given.kafkaBroker,
    kafkaController: !given.kafkaBroker,
    registry: !given.schemaRegistryUrl,
  };
  const chosen = {} as Record<PortName, number>;
  for (const [name, wanted] of Object.entries(PORTS) as [PortName, WantedPort][]) {
    chosen[name] = ports === 'free' ? await freePort() : portFrom(wanted.variable, wanted.port);
  }
  if (ports === 'default') {
    const names = (Object.keys(PORTS) as PortName[]).filter((name) => needed[name]);
    await requireFreePorts(names.map((name) => ({ ...PORTS[name], port: chosen[name] })));
  }
  return chosen;
}
