import path from 'node:path';
import type { InfraAddresses } from './infra/addresses.ts';
import { checkHttp } from './infra/readiness.ts';
import { redisUrlOf } from './infra/redis-users.ts';
import { ROOT } from './paths.ts';
import type { ProcessDefinition } from './processes/managed-process.ts';
import { databaseUrlOf } from './provision.ts';
import type { Secrets } from './secrets.ts';
import { DATABASE_SERVICES, type ServiceDefinition, type ServicePorts } from './services.ts';

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
  const port = environment.ports[service.name];
  return {
    name: service.name,
    kind: 'service',
    command: process.execPath,
    args: ['--enable-source-maps', main],
    commandPattern: main,
    env: processEnvironment(environmentOf(service, environment, process.env), process.env),
    cwd: path.join(ROOT, service.name),
    port,
    logFile,
    checkReady: () => checkHttp(`${serviceUrl(port)}/health/ready`),
  };
}

export const serviceUrl = (port: number): string => `http://127.0.0.1:${port}`;

/** The variables of one service. `user` is the user's environment, which may have other values for what is not part of this system. */
export function environmentOf(service: ServiceDefinition, environment: ServiceEnvironment, user: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { dataDir, addresses, ports, secrets, topicPrefix, env } = environment;
  const gateway = `http://localhost:${ports['api-gateway']}`;
  return {
    NODE_ENV: user.NODE_ENV || 'development',
    PORT: String(ports[service.name]),
    METRICS_PORT: String(ports[`${service.name} metrics`]),
    ...(service.schema && { DATABASE_URL: databaseUrlOf(service.schema, addresses.databaseUrl, secrets) }),
    REDIS_URL: redisUrlOf(service.name, addresses.redisUrl),
    KAFKA_BROKER: addresses.kafkaBroker,
    SCHEMA_REGISTRY_URL: addresses.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    ...Object.fromEntries(DATABASE_SERVICES.map(({ name, schema }) => [`${schema.toUpperCase()}_SERVICE_URL`, serviceUrl(ports[name])])),
    CHAT_SEND_ADDRESS: `127.0.0.1:${ports.send}`,
    ...internalKeysOf(service, secrets),
    ...(service.name === 'chat-service' && { SEND_PORT: String(ports.send) }),
    ...(service.name === 'auth-service' && {
      AUTH_SECRET: secrets.authSecret,
      // Without a mail server, mails are files beside the other data. Their links lead to the gateway unless there is a web client.
      MAIL_DIR: user.MAIL_DIR || path.join(dataDir, 'mail'),
      WEB_APP_URL: user.WEB_APP_URL || gateway,
      // The address to which OAuth providers redirect browsers.
      PUBLIC_URL: user.PUBLIC_URL || gateway,
    }),
    ...(['profile-service', 'chat-service'].includes(service.name) && { FILES_DIR: user.FILES_DIR || path.join(dataDir, 'files') }),
    // URLs of files lead to the gateway.
    ...(['profile-service', 'chat-service', 'api-gateway'].includes(service.name) && { PUBLIC_URL: user.PUBLIC_URL || gateway }),
    ...env,
  };
}

/** Each issuer gets its own private key only, each receiver all public keys. */
function internalKeysOf({ name }: ServiceDefinition, { internalKeys }: Secrets): NodeJS.ProcessEnv {
  const publicKeys = Object.entries(internalKeys).map(([issuer, { publicKey }]) => `${issuer}:${publicKey}`);
  return {
    ...(internalKeys[name] && { INTERNAL_SIGNING_KEY: internalKeys[name].privateKey }),
    ...(name !== 'api-gateway' && { INTERNAL_PUBLIC_KEYS: publicKeys.join(',') }),
  };
}

/**
 * The variables of a service in the user's environment, so that any variable can be given to `npm start`; without what npm and vitest add to
 * it, and without files for variables that are set here.
 */
export function processEnvironment(own: NodeJS.ProcessEnv, user: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(npm_|VITEST|TEST|DATABASE_URL(_FILE)?$|DB_|NODE_OPTIONS$|NODE_CHANNEL_|AUTH_SECRET(_FILE)?$|INTERNAL_)/;
  const isReplaced = (name: string) => foreign.test(name) || (name.endsWith('_FILE') && name.replace(/_FILE$/, '') in own);
  return { ...Object.fromEntries(Object.entries(user).filter(([name]) => !isReplaced(name))), ...own };
}
