import path from 'node:path';
import { buildWhenChanged } from './build.ts';
import type { InfraAddresses } from './infra/addresses.ts';
import { startInfra, type InfraProcesses } from './infra/index.ts';
import { newLogFile } from './processes/logs.ts';
import type { ManagedProcess } from './processes/managed-process.ts';
import { choosePorts } from './processes/ports.ts';
import { ProcessGroup } from './processes/process-group.ts';
import { RunFile } from './processes/run-file.ts';
import { untilAborted } from './processes/stop-request.ts';
import { progress } from './progress.ts';
import { provision, setupEnvironment } from './provision.ts';
import { loadSecrets, markAsUsedElsewhere } from './secrets.ts';
import { processEnvironment, serviceProcess, serviceUrl } from './service-process.ts';
import { SERVICES, SERVICE_PORTS, type ServiceName } from './services.ts';

export interface SystemOptions {
  /** Databases, logs and secrets. Only one system at a time can use it. */
  dataDir: string;
  /** Default: `<dataDir>/logs`. */
  logDir?: string;
  /** `default`: the usual ports; an error names those that are in use. `free`: any free ones. */
  ports?: 'default' | 'free';
  /** Addresses of infrastructure that runs already; the rest is started. */
  given?: Partial<InfraAddresses>;
  /** Separates topics and consumer groups from those of other systems on a given Kafka. */
  topicPrefix?: string;
  /** More environment variables for every service. */
  env?: NodeJS.ProcessEnv;
  /** Cancels a start; what it has started is stopped. */
  signal?: AbortSignal;
}

/** A running system. Each part of it can be stopped, started again on the same ports, and killed. */
export interface System {
  urls: { graphql: string; gateway: string; services: Record<ServiceName, string> };
  addresses: InfraAddresses;
  /** The parts of the infrastructure that run here. */
  infra: InfraProcesses;
  services: Record<ServiceName, ManagedProcess>;
  logDir: string;
  group: ProcessGroup;
  /** Stops the services, then the infrastructure. Data stays. */
  stop(): Promise<void>;
}

/**
 * Starts everything: infrastructure (and at the same time the build, if sources changed), database roles, topics, and the services, and
 * waits until all are ready.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const group = new ProcessGroup(progress);
  const runFile = await RunFile.take(options.dataDir, group.reaper);
  const stop = async () => {
    await group.stop();
    runFile.release();
  };
  try {
    const starting = startInGroup(options, group);
    const parts = await Promise.race([starting, ...(options.signal ? [untilAborted(options.signal)] : [])]);
    runFile.describe({ graphql: parts.urls.graphql, ...parts.urls.services }, parts.addresses);
    return { ...parts, group, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startInGroup(options: SystemOptions, group: ProcessGroup): Promise<Omit<System, 'group' | 'stop'>> {
  const { dataDir, given = {}, topicPrefix = '', ports: choice = 'default', logDir = path.join(dataDir, 'logs'), env = {} } = options;
  const secrets = loadSecrets(dataDir);
  const ports = await choosePorts(SERVICE_PORTS, choice);
  const { postgresPassword } = secrets;
  const [{ addresses, processes: infra }] = await Promise.all([
    startInfra({ dataDir, logDir, given, ports: choice, postgresPassword, group }),
    buildWhenChanged(group.report),
  ]);

  if (given.databaseUrl) markAsUsedElsewhere(dataDir, secrets);
  // TLS and the user for a Kafka that was given are the variables of the services.
  await provision(processEnvironment(setupEnvironment(addresses, secrets, topicPrefix), process.env));
  group.report('database, topics and schemas are ready; starting the services');
  const environment = { dataDir, addresses, ports, secrets, topicPrefix, env };
  const started = await Promise.all(
    SERVICES.map((service) => group.start(serviceProcess(service, environment, newLogFile(logDir, service.name)))),
  );

  const byName = <T>(valueOf: (name: ServiceName, index: number) => T) =>
    Object.fromEntries(SERVICES.map(({ name }, index) => [name, valueOf(name, index)])) as Record<ServiceName, T>;
  const gateway = `http://localhost:${ports['api-gateway']}`;
  return {
    urls: { gateway, graphql: `${gateway}/graphql`, services: byName((name) => serviceUrl(ports[name])) },
    addresses,
    infra,
    services: byName((_, index) => started[index] as ManagedProcess),
    logDir,
  };
}
