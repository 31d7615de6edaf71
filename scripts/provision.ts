import type { InfraAddresses } from './infra/addresses.ts';
import { WRONG_PASSWORD } from './infra/readiness.ts';
import { UserError } from './progress.ts';
import type { Secrets } from './secrets.ts';
import { SERVICES, roleOf } from './services.ts';

/** Creates what the services need: database, roles, schemas, topics and subjects. Can be repeated. Needs a built `shared`. */
export async function provision(addresses: InfraAddresses, secrets: Secrets, topicPrefix: string): Promise<void> {
  const [{ provisionDatabase }, { provisionKafka }] = await Promise.all([import('@chat/shared/database'), import('@chat/shared/kafka')]);
  const services = SERVICES.flatMap(({ schema }) =>
    schema ? [{ schema, role: roleOf(schema), password: secrets.databasePasswords[schema] ?? '' }] : [],
  );
  await Promise.all([
    provisionDatabase({
      adminUrl: adminUrl(addresses.databaseUrl),
      database: decodeURIComponent(new URL(addresses.databaseUrl).pathname.slice(1)),
      services,
    }).catch((error: Error & { code?: string }) => {
      throw error.code === WRONG_PASSWORD ? new UserError(wrongPassword(addresses.databaseUrl)) : error;
    }),
    provisionKafka({ brokers: addresses.kafkaBroker.split(','), schemaRegistryUrl: addresses.schemaRegistryUrl, topicPrefix }),
  ]);
}

function wrongPassword(databaseUrl: string): string {
  const { host, username } = new URL(databaseUrl);
  return `PostgreSQL at ${host} refuses the password for ${username}.
A container has the password that CHAT_DOCKER_POSTGRES_PASSWORD was when its volume was created, or the default.
The password of a local database is in secrets.json beside it; if that file was lost, \`npm run reset\` deletes the database.`;
}

/** The same server; the database itself may not exist yet. */
function adminUrl(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.pathname = '/postgres';
  return url.href;
}

/** The address of the database with the login role of one service. */
export function databaseUrlOf(schema: string, databaseUrl: string, secrets: Secrets): string {
  const url = new URL(databaseUrl);
  url.username = roleOf(schema);
  url.password = secrets.databasePasswords[schema] ?? '';
  return url.href;
}
