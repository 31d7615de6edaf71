import type { InfraAddresses } from './infra/addresses.ts';
import { WRONG_PASSWORD } from './infra/readiness.ts';
import { UserError } from './progress.ts';
import type { Secrets } from './secrets.ts';
import { DATABASE_SERVICES, roleOf } from './services.ts';

const WRONG_PASSWORD_HINT = `A container has the password that CHAT_DOCKER_POSTGRES_PASSWORD was when its volume was created, or the default.
The password of a local database is in secrets.json beside it; if that file was lost, \`npm run reset\` deletes the database.`;

/** Creates what the services need: database, roles, schemas, topics and subjects. Can be repeated. Needs a built product. */
export async function provision(variables: NodeJS.ProcessEnv): Promise<void> {
  const [{ provision, SetupConfig }, { loadConfig }] = await Promise.all([import('@chat/setup'), import('@chat/shared/config')]);
  const prepare = async () => provision(loadConfig(SetupConfig, variables));
  await prepare().catch((error: Error) => {
    if (!['UsageError', 'ConfigError'].includes(error.name)) throw error;
    const isWrongPassword = (error.cause as { code?: string } | undefined)?.code === WRONG_PASSWORD;
    throw new UserError(isWrongPassword ? `${error.message}\n${WRONG_PASSWORD_HINT}` : error.message);
  });
}

/** The variables of setup for a system. */
export function setupEnvironment(addresses: Omit<InfraAddresses, 'redisUrl'>, secrets: Secrets, topicPrefix: string): NodeJS.ProcessEnv {
  return {
    DATABASE_URL: addresses.databaseUrl,
    KAFKA_BROKER: addresses.kafkaBroker,
    SCHEMA_REGISTRY_URL: addresses.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    ...Object.fromEntries(
      DATABASE_SERVICES.map(({ schema }) => [`${schema.toUpperCase()}_DB_PASSWORD`, secrets.databasePasswords[schema]]),
    ),
  };
}

/** The address of the database with the login role of one service. */
export function databaseUrlOf(schema: string, databaseUrl: string, secrets: Secrets): string {
  const url = new URL(databaseUrl);
  url.username = roleOf(schema);
  url.password = secrets.databasePasswords[schema] ?? '';
  return url.href;
}
