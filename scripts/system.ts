import path from 'node:path';
import { buildWhenChanged } from './build.ts';
import type { InfraAddresses } from './infra/addresses.ts';
import { startInfra, type Infra } from './infra/index.ts';
import { newLogFile } from './processes/logs.ts';
import { ManagedProcess, type Watch } from './processes/managed-process.ts';
import { startReaper } from './processes/reaper-client.ts';
import { RunFile } from './processes/run-file.ts';
import { progress } from './progress.ts';
import { provision } from './provision.ts';
import { loadSecrets, markAsUsedElsewhere } from './secrets.ts';
import { chooseServicePorts, type ServicePorts } from './service-ports.ts';
import { serviceProcess, serviceUrl } from './service-process.ts';
import { SERVICES, type ServiceName } from './services.ts';

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
  /** Receives lines of progress and crashes; default: prints them. */
  report?: (text: string) => void;
  /** Cancels a start; what it has started is stopped. */
  signal?: AbortSignal;
}

export interface SystemUrls {
  graphql: string;
  gateway: string;
  services: Record<ServiceName, string>;
}

/**
 * A running system. A service or a part of the infrastructure that ends unexpectedly (or by `kill9()`) is restarted on the same ports;
 * `ready()` waits for it. After `stop()` it stays stopped until `start()`.
 */
export interface System {
  urls: SystemUrls;
  infra: Infra;
  services: Record<ServiceName, ManagedProcess>;
  logDir: string;
  /** Stops the services, then the infrastructure. Data stays. */
  stop(): Promise<void>;
  /** Kills everything at once, without waiting. */
  killNow(): void;
}

/**
 * Starts everything: infrastructure (and at the same time the build, if sources changed), database roles, topics, and the services, and
 * waits until all are ready. However the calling process ends, also by `kill -9`, none of the started processes stays.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { dataDir, given = {}, topicPrefix = '', report = progress, signal } = options;
  const portChoice = options.ports ?? 'default';
  const logDir = options.logDir ?? path.join(dataDir, 'logs');

  const reaper = startReaper();
  const runFile = await RunFile.take(dataDir, reaper);
  const watch: Watch = { reaper, report };
  const services = {} as Record<ServiceName, ManagedProcess>;
  let infra: Infra | undefined;
  const stop = async () => {
    await Promise.all(Object.values(services).map((service) => service.stop()));
    await infra?.stop();
    reaper.close();
    runFile.release();
  };

  try {
    const secrets = loadSecrets(dataDir);
    const ports = await chooseServicePorts(portChoice);
    const { postgresPassword } = secrets;
    const starting = startInfra({ dataDir, logDir, given, ports: portChoice, postgresPassword, watch, report, signal });
    const [build, start] = await Promise.allSettled([buildWhenChanged(report), starting]);
    if (start.status === 'fulfilled') infra = start.value;
    for (const step of [start, build]) if (step.status === 'rejected') throw step.reason;
    if (!infra) throw new Error('no infrastructure');
    signal?.throwIfAborted();

    if (given.databaseUrl) markAsUsedElsewhere(dataDir, secrets);
    await provision(infra, secrets, topicPrefix);
    signal?.throwIfAborted();
    report('database, topics and schemas are ready; starting the services');
    const environment = { dataDir, addresses: infra, ports, secrets, topicPrefix, env: options.env ?? {} };
    for (const service of SERVICES) {
      services[service.name] = new ManagedProcess(serviceProcess(service, environment, newLogFile(logDir, service.name)), watch);
    }
    signal?.addEventListener('abort', () => void Promise.all(Object.values(services).map((service) => service.stop())), { once: true });
    await Promise.all(
      SERVICES.map(async ({ name }) => {
        await services[name].start();
        report(`${name} is ready on port ${ports.port[name]}`);
      }),
    );
    const urls = urlsOf(ports);
    const { databaseUrl, redisUrl, kafkaBroker, schemaRegistryUrl } = infra;
    const addresses = { databaseUrl, redisUrl, kafkaBroker, schemaRegistryUrl };
    runFile.describe({ graphql: urls.graphql, ...urls.services }, addresses);
    return { urls, infra, services, logDir, stop, killNow: () => killAll(services, infra) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function killAll(services: Record<ServiceName, ManagedProcess>, infra: Infra | undefined): void {
  for (const service of Object.values(services)) service.killNow();
  for (const part of [infra?.postgres, infra?.redis, infra?.kafka, infra?.registry]) part?.killNow();
}

function urlsOf({ port }: ServicePorts): SystemUrls {
  const gateway = `http://localhost:${port['api-gateway']}`;
  const services = Object.fromEntries(Object.entries(port).map(([name, number]) => [name, serviceUrl(number)]));
  return { gateway, graphql: `${gateway}/graphql`, services: services as Record<ServiceName, string> };
}
