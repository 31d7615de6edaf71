import { UsageError } from '@chat/shared/cli';
import { MissingRightsError, provisionDatabase } from '@chat/shared/database';
import { provisionKafka } from '@chat/shared/kafka';
import type { SetupConfig } from '../config.js';
import { schemasOf } from '../schemas.js';
import { adminUrlOf } from './admin-url.js';

/** PostgreSQL's error codes for a user or a password that it does not accept. */
const REFUSED_LOGIN = ['28P01', '28000'];

/**
 * Creates what the services need, as far as it is missing: database, roles, schemas, topics and subjects. Can be repeated. Rejects with a
 * UsageError that says what to do. Returns the statements that would close the database to other roles, if they had no effect.
 */
export async function provision(config: SetupConfig): Promise<string[]> {
  const { database, kafka } = config;
  const services = schemasOf(config).map(({ account }) => account);
  const [open] = await Promise.all([
    provisionDatabase({ adminUrl: adminUrlOf(database), database: database.name, services }).catch((error: unknown) => {
      throw usageErrorOf(error, config) ?? error;
    }),
    provisionKafka(kafka).catch((error: Error) => {
      throw new UsageError(`The topics and subjects could not be created: ${error.message}`, { cause: error });
    }),
  ]);
  return open;
}

function usageErrorOf(error: unknown, { database }: SetupConfig): UsageError | undefined {
  const server = `PostgreSQL at ${database.host}:${database.port}`;
  if (error instanceof MissingRightsError) {
    const statements = error.statements.map((sql) => `  ${sql};`).join('\n');
    return new UsageError(
      `${server} does not allow "${database.username}" to create what is missing (${error.message}). Run these statements as an administrator, those after \`create database\` in the database "${database.name}", with the passwords that setup has; then run this again.\n${statements}`,
      { cause: error },
    );
  }
  if (REFUSED_LOGIN.includes((error as { code?: string }).code ?? ''))
    return new UsageError(`${server} refuses the password for "${database.username}".`, { cause: error });
  return undefined;
}
