import type { InfraAddresses } from './infra/addresses.ts';
import { WRONG_PASSWORD } from './infra/readiness.ts';
import { UserError } from './progress.ts';
import type { Secrets } from './secrets.ts';
import { DATABASE_SERVICES, roleOf } from './services.ts';

/** Creates what the services need: database, roles, schemas, topics and subjects. Can be repeated. Needs a built `shared`. */
export async function provision(addresses: InfraAddresses, secrets: Secrets, topicPrefix: string): Promise<void> {
  const [{ provisionDatabase }, { provisionKafka }, { KafkaConfig, loadConfig }] = await Promise.all([
    import('@chat/shared/database'),
    import('@chat/shared/kafka'),
    import('@chat/shared/config'),
  ]);
  const { databaseUrl, kafkaBroker, schemaRegistryUrl } = addresses;
  const adminUrl = new URL(databaseUrl);
  adminUrl.pathname = '/postgres'; // the database itself may not exist yet
  const services = DATABASE_SERVICES.map(({ schema }) => ({
    schema,
    role: roleOf(schema),
    password: secrets.databasePasswords[schema] ?? '',
  }));
  const database = decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  await Promise.all([
    provisionDatabase({ adminUrl: adminUrl.href, database, services }).catch((error: Error & { code?: string }) => {
      throw error.code === WRONG_PASSWORD ? new UserError(wrongPassword(adminUrl)) : error;
    }),
    // TLS and the user for a Kafka that was given are the variables of the services.
    provisionKafka({ ...loadConfig(KafkaConfig), brokers: kafkaBroker.split(','), schemaRegistryUrl, topicPrefix }),
  ]);
}

function wrongPassword({ host, username }: URL): string {
  return `PostgreSQL at ${host} refuses the password for ${username}.
A container has the password that CHAT_DOCKER_POSTGRES_PASSWORD was when its volume was created, or the default.
The password of a local database is in secrets.json beside it; if that file was lost, \`npm run reset\` deletes the database.`;
}

/** The address of the database with the login role of one service. */
export function databaseUrlOf(schema: string, databaseUrl: string, secrets: Secrets): string {
  const url = new URL(databaseUrl);
  url.username = roleOf(schema);
  url.password = secrets.databasePasswords[schema] ?? '';
  return url.href;
}
