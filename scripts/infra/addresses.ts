import { textOrFile } from '../../shared/src/config/variable-text.ts';
import { UserError } from '../progress.ts';

/** The addresses of the infrastructure. */
export interface InfraAddresses {
  /** With the rights to create roles and schemas; the path names the database. */
  databaseUrl: string;
  redisUrl: string;
  kafkaBroker: string;
  schemaRegistryUrl: string;
}

/**
 * The addresses that the environment gives. They take precedence over everything that could be started here. Services read REDIS_USERNAME and
 * REDIS_PASSWORD themselves.
 */
export function addressesFromEnvironment(env: NodeJS.ProcessEnv): Partial<InfraAddresses> {
  const addresses: Partial<InfraAddresses> = {};
  const givenDatabase = textOf('DATABASE_URL', env);
  const givenRedis = textOf('REDIS_URL', env);
  if (givenDatabase) addresses.databaseUrl = givenDatabase;
  else if (env.DB_HOST) addresses.databaseUrl = databaseUrl(env);
  if (givenRedis) addresses.redisUrl = givenRedis;
  else if (env.REDIS_HOST || env.REDIS_PORT) addresses.redisUrl = `redis://${env.REDIS_HOST || '127.0.0.1'}:${env.REDIS_PORT || 6379}`;
  if (env.KAFKA_BROKER) addresses.kafkaBroker = env.KAFKA_BROKER;
  if (env.SCHEMA_REGISTRY_URL) addresses.schemaRegistryUrl = env.SCHEMA_REGISTRY_URL;
  return addresses;
}

function databaseUrl(env: NodeJS.ProcessEnv): string {
  const url = new URL(`postgres://${env.DB_HOST}:${env.DB_PORT || 5432}/${env.DB_NAME || 'chat'}`);
  url.username = env.DB_USERNAME || 'postgres';
  url.password = encodeURIComponent(textOf('DB_PASSWORD', env) ?? '');
  return url.href;
}

function textOf(name: string, env: NodeJS.ProcessEnv): string | undefined {
  try {
    return textOrFile(name, env);
  } catch (error) {
    throw new UserError((error as Error).message);
  }
}
