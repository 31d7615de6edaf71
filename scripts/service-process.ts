import path from 'node:path';
import type { InfraAddresses } from './infra/addresses.ts';
import { httpNotReady } from './infra/readiness.ts';
import { ROOT } from './paths.ts';
import type { ProcessDefinition } from './processes/managed-process.ts';
import { databaseUrlOf } from './provision.ts';
import type { Secrets } from './secrets.ts';
import type { ServicePorts } from './service-ports.ts';
import { SERVICES, type ServiceDefinition } from './services.ts';

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

/** How one service runs: its compiled main file, its environment, and how to see that it is ready. */
export function serviceProcess(service: ServiceDefinition, environment: ServiceEnvironment, logFile: string): ProcessDefinition {
  const main = path.join(ROOT, service.name, 'dist/main.js');
  return {
    name: service.name,
    kind: 'service',
    command: process.execPath,
    args: ['--enable-source-maps', main],
    commandPattern: main,
    env: environmentOf(service, environment),
    cwd: path.join(ROOT, service.name),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 27_000, // a service gives itself 25 s
    logFile,
    notReady: () => httpNotReady(`${serviceUrl(environment.ports.port[service.name])}/health/ready`),
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
    ...(service.schema && { DATABASE_URL: databaseUrlOf(service.schema, addresses.databaseUrl, secrets) }),
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

/** Without a mail server, mails are files beside the other data. Their links lead to the gateway unless WEB_APP_URL names a web client. */
function mailEnvironment(dataDir: string, ports: ServicePorts): NodeJS.ProcessEnv {
  return {
    MAIL_DIR: process.env.MAIL_DIR || path.join(dataDir, 'mail'),
    WEB_APP_URL: process.env.WEB_APP_URL || `http://localhost:${ports.port['api-gateway']}`,
  };
}

/** The address to which OAuth providers redirect browsers. */
function publicAddress(ports: ServicePorts): NodeJS.ProcessEnv {
  return { PUBLIC_URL: process.env.PUBLIC_URL || `http://localhost:${ports.port['api-gateway']}` };
}

/** The user's environment, so that any variable of a service can be given to `npm start`; without what npm and vitest add to it. */
function inherited(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|VITEST|TEST|DATABASE_URL$|DB_|NODE_OPTIONS$|NODE_CHANNEL_|AUTH_SECRET$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
