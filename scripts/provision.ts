import type { InfraAddresses } from './infra/addresses.ts';
import { UserError } from './progress.ts';
import type { Secrets } from './secrets.ts';
import { SERVICES, roleOf } from './services.ts';

/** Makes what the services find: database, roles, schemas, topics and subjects. Safe to run again. Needs a built `shared`. */
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

const WRONG_PASSWORD = '28P01';

function wrongPassword(databaseUrl: string): string {
  const { host, username } = new URL(databaseUrl);
  return `PostgreSQL at ${host} refuses the password for ${username}.
In a container it is the one that CHAT_DOCKER_POSTGRES_PASSWORD was when the volume was made, or the default.`;
}

/** The same server; the database itself may not be there yet. */
function adminUrl(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.pathname = '/postgres';
  return url.href;
}

/** The database as one service sees it. */
export function databaseUrlOf(schema: string, addresses: InfraAddresses, secrets: Secrets): string {
  const url = new URL(addresses.databaseUrl);
  url.username = roleOf(schema);
  url.password = secrets.databasePasswords[schema] ?? '';
  return url.href;
}
