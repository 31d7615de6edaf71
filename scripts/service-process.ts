import path from 'node:path';
import type { InfraAddresses } from './infra/addresses.ts';
import { ROOT } from './paths.ts';
import type { ProcessDefinition } from './processes/managed-process.ts';
import { databaseUrlOf } from './provision.ts';
import type { Secrets } from './secrets.ts';
import { SERVICES, type ServiceDefinition, type ServiceName } from './services.ts';

export interface ServicePorts {
  port: Record<ServiceName, number>;
  metrics: Record<ServiceName, number>;
  send: number;
}

export interface ServiceEnvironment {
  /** Of the system. */
  dataDir: string;
  addresses: InfraAddresses;
  ports: ServicePorts;
  secrets: Secrets;
  topicPrefix: string;
  /** More variables for every service. */
  env: NodeJS.ProcessEnv;
}

/** How one service is run: its compiled main, its environment, and when it is ready. */
export function serviceProcess(service: ServiceDefinition, surroundings: ServiceEnvironment, logFile: string): ProcessDefinition {
  const main = path.join(ROOT, service.name, 'dist/main.js');
  return {
    name: service.name,
    kind: 'service',
    command: process.execPath,
    args: ['--enable-source-maps', main],
    commandPattern: main,
    env: environmentOf(service, surroundings),
    cwd: path.join(ROOT, service.name),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 27_000, // a service gives itself 25 s
    logFile,
    notReady: () => notReady(serviceUrl(surroundings.ports.port[service.name])),
    readyTimeoutMs: 90_000,
  };
}

export const serviceUrl = (port: number): string => `http://127.0.0.1:${port}`;

function environmentOf(
  service: ServiceDefinition,
  { dataDir, addresses, ports, secrets, topicPrefix, env }: ServiceEnvironment,
): NodeJS.ProcessEnv {
  const urls = SERVICES.flatMap(({ name, urlVariable }) => (urlVariable ? [[urlVariable, serviceUrl(ports.port[name])]] : []));
  return {
    ...inherited(),
    NODE_ENV: 'development',
    PORT: String(ports.port[service.name]),
    METRICS_PORT: String(ports.metrics[service.name]),
    ...(service.schema && { DATABASE_URL: databaseUrlOf(service.schema, addresses, secrets) }),
    REDIS_URL: addresses.redisUrl,
    KAFKA_BROKER: addresses.kafkaBroker,
    SCHEMA_REGISTRY_URL: addresses.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    ...Object.fromEntries(urls),
    CHAT_SEND_ADDRESS: `127.0.0.1:${ports.send}`,
    INTERNAL_API_SECRET: secrets.internalApiSecret,
    ...(service.name === 'chat-service' && { SEND_PORT: String(ports.send) }),
    ...(service.name === 'auth-service' && {
      AUTH_SECRET: secrets.authSecret,
      ...mailEnvironment(dataDir, ports),
      ...publicAddress(ports),
    }),
    ...env,
  };
}

/** Mails without a mail server are beside the other data. Their links lead to the gateway as long as nobody says where a web client is. */
function mailEnvironment(dataDir: string, ports: ServicePorts): NodeJS.ProcessEnv {
  return {
    MAIL_DIR: process.env.MAIL_DIR || path.join(dataDir, 'mail'),
    WEB_APP_URL: process.env.WEB_APP_URL || `http://localhost:${ports.port['api-gateway']}`,
  };
}

/** Where providers send browsers back to. */
function publicAddress(ports: ServicePorts): NodeJS.ProcessEnv {
  return { PUBLIC_URL: process.env.PUBLIC_URL || `http://localhost:${ports.port['api-gateway']}` };
}

/** The user's own environment, so that any variable of a service can be given to `npm start`; not what npm and vitest put there. */
function inherited(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|VITEST|TEST|DATABASE_URL$|DB_|NODE_OPTIONS$|NODE_CHANNEL_|AUTH_SECRET$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

async function notReady(url: string): Promise<string | null> {
  const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) });
  return response.ok ? null : `it answers ${response.status}: ${(await response.text()).slice(0, 200)}`;
}
