import path from 'node:path';
import { buildWhenChanged } from './build.ts';
import type { InfraAddresses } from './infra/addresses.ts';
import { portFrom, startInfra, type Infra } from './infra/index.ts';
import { freshLog } from './processes/logs.ts';
import { startReaper } from './processes/reaper-client.ts';
import { ManagedProcess, type Watch } from './processes/managed-process.ts';
import { freePort, requireFreePorts } from './processes/ports.ts';
import { RunFile } from './processes/run-file.ts';
import { progress } from './progress.ts';
import { provision } from './provision.ts';
import { keepSecrets, loadSecrets } from './secrets.ts';
import { METRICS_PORT_OFFSET, SEND_PORT, SERVICES, type ServiceName } from './services.ts';
import { serviceProcess, serviceUrl, type ServicePorts } from './service-process.ts';

export interface SystemOptions {
  /** Databases, logs and secrets. Two systems never share one; a killed one's left-overs are ended first. */
  dataDir: string;
  /** Default: `<dataDir>/logs`. */
  logDir?: string;
  /** `default`: the usual ports, taken ones are named in an error. `free`: any that nobody uses. */
  ports?: 'default' | 'free';
  /** Only these services; default all. */
  services?: ServiceName[];
  /** Addresses of infrastructure that runs already; the rest is started. */
  given?: Partial<InfraAddresses>;
  /** Keeps topics and consumer groups apart from those of others on a given Kafka. */
  topicPrefix?: string;
  /** More environment variables for every service. */
  env?: NodeJS.ProcessEnv;
  /** Takes lines of progress and crashes; default: prints them. */
  report?: (text: string) => void;
  /** Gives up a start that is under way; what it has started is stopped. */
  signal?: AbortSignal;
}

export interface SystemUrls {
  graphql: string;
  graphqlWs: string;
  gateway: string;
  /** REST and metrics address of each service. */
  services: Record<ServiceName, string>;
  metrics: Record<ServiceName, string>;
}

/**
 * A running system. A service or a part of the infrastructure that ends by itself (or by `kill9()`) is started again on the same ports;
 * `ready()` waits for it. One that was stopped by `stop()` stays down until `start()`.
 */
export interface System {
  urls: SystemUrls;
  infra: Infra;
  services: Record<ServiceName, ManagedProcess>;
  logDir: string;
  /** Services first, then the infrastructure. Data stays. */
  stop(): Promise<void>;
  /** Ends everything at once, without waiting. */
  killNow(): void;
}

/**
 * Starts everything: infrastructure (beside it the build, when sources changed), database roles, topics, and the services, and waits until
 * all are ready. However the calling process ends, also by `kill -9`, nothing of it stays behind.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { dataDir, ports: portChoice = 'default', given = {}, topicPrefix = '', report = progress, signal } = options;
  const logDir = options.logDir ?? path.join(dataDir, 'logs');
  const wanted = SERVICES.filter(({ name }) => options.services?.includes(name) ?? true);

  const runFile = await RunFile.take(dataDir);
  const reaper = startReaper();
  const watch: Watch = { reaper, runFile, report };
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
    const ports = await chooseServicePorts(
      portChoice,
      wanted.map(({ name }) => name),
    );
    const postgresPassword = secrets.postgresPassword;
    const starting = startInfra({ dataDir, logDir, given, ports: portChoice, postgresPassword, watch, report, signal });
    const [build, start] = await Promise.allSettled([buildWhenChanged(report), starting]);
    if (start.status === 'fulfilled') infra = start.value;
    for (const step of [start, build]) if (step.status === 'rejected') throw step.reason;
    if (!infra) throw new Error('no infrastructure');
    signal?.throwIfAborted();

    if (given.databaseUrl) keepSecrets(dataDir, secrets);
    await provision(infra, secrets, topicPrefix);
    signal?.throwIfAborted();
    report('database, topics and schemas are there; starting the services');
    const surroundings = { dataDir, addresses: infra, ports, secrets, topicPrefix, env: options.env ?? {} };
    for (const service of wanted) {
      services[service.name] = new ManagedProcess(serviceProcess(service, surroundings, freshLog(logDir, service.name)), watch);
    }
    signal?.addEventListener('abort', () => void Promise.all(Object.values(services).map((service) => service.stop())), { once: true });
    await Promise.all(
      wanted.map(async ({ name }) => {
        await services[name].start();
        report(`${name} is ready on port ${ports.port[name]}`);
      }),
    );
    const urls = urlsOf(ports);
    runFile.describe({ graphql: urls.graphql, graphqlWs: urls.graphqlWs, ...urls.services }, { ...addressesOf(infra) });
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

function addressesOf({ databaseUrl, redisUrl, kafkaBroker, schemaRegistryUrl }: Infra): InfraAddresses {
  return { databaseUrl, redisUrl, kafkaBroker, schemaRegistryUrl };
}

async function chooseServicePorts(choice: 'default' | 'free', names: ServiceName[]): Promise<ServicePorts> {
  const ports: ServicePorts = { port: {} as ServicePorts['port'], metrics: {} as ServicePorts['metrics'], send: 0 };
  if (choice === 'free') {
    for (const { name } of SERVICES) {
      ports.port[name] = await freePort();
      ports.metrics[name] = await freePort();
    }
    ports.send = await freePort();
    return ports;
  }
  for (const { name, port, portVariable } of SERVICES) {
    ports.port[name] = portFrom(portVariable, port);
    ports.metrics[name] = ports.port[name] + METRICS_PORT_OFFSET;
  }
  ports.send = portFrom(SEND_PORT.portVariable, SEND_PORT.port);
  const wanted = SERVICES.filter(({ name }) => names.includes(name)).flatMap(({ name, portVariable: variable }) => [
    { port: ports.port[name], name, variable },
    { port: ports.metrics[name], name: `${name}'s metrics (port + ${METRICS_PORT_OFFSET})`, variable },
  ]);
  if (names.includes('chat-service')) wanted.push({ port: ports.send, name: 'sends to chat-service', variable: SEND_PORT.portVariable });
  await requireFreePorts(wanted);
  return ports;
}

function urlsOf(ports: ServicePorts): SystemUrls {
  const gateway = `localhost:${ports.port['api-gateway']}`;
  const addresses = (by: Record<ServiceName, number>) =>
    Object.fromEntries(Object.entries(by).map(([name, port]) => [name, serviceUrl(port)])) as Record<ServiceName, string>;
  return {
    gateway: `http://${gateway}`,
    graphql: `http://${gateway}/graphql`,
    graphqlWs: `ws://${gateway}/graphql`,
    services: addresses(ports.port),
    metrics: addresses(ports.metrics),
  };
}
