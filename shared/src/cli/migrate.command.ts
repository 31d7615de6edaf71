import type { DataSource } from 'typeorm';
import { DatabaseConfig, Env, loadConfig, Section } from '../config/index.js';
import { migrateWhenAvailable, OutdatedDatabaseError } from '../database/index.js';
import { type Command, UsageError } from './command.js';
import { withinTimeout } from './within-timeout.js';

const help = (service: string) => `migrate: brings the schema of ${service} up to date, with the login role of the service, and ends.

It waits for PostgreSQL, can be repeated, and several may run at the same time: one of them migrates. The service does the same when it
starts. The database, the role and the schema must exist; \`migrate\` of setup creates them.

Environment: DATABASE_URL or the DB_ variables, as for ${service}; MIGRATE_TIMEOUT (120 s): how long to wait for PostgreSQL.`;

class MigrateConfig {
  @Section(DatabaseConfig)
  database: DatabaseConfig;

  @Env({ name: 'MIGRATE_TIMEOUT', type: 'durationSeconds', default: 120, min: 1, description: 'How long to wait for PostgreSQL' })
  timeoutSeconds: number;
}

/** The command `migrate` of a service: migrates its own schema. */
export function migrateCommand(service: string, createDataSource: (config: DatabaseConfig) => DataSource): Command {
  return async (args, env) => {
    if (args.includes('help') || args.includes('--help')) return help(service);
    if (args.length > 0) throw new UsageError(`"migrate" has no argument "${args[0]}".\n\n${help(service)}`);
    const { database, timeoutSeconds } = loadConfig(MigrateConfig, env);
    await migrateSchema(createDataSource(database), timeoutSeconds);
    return `${service}: its schema is up to date`;
  };
}

/** Migrates a schema, for an operator: logs what it waits for, until the timeout. */
export async function migrateSchema(dataSource: DataSource, timeoutSeconds: number): Promise<void> {
  const { host, port, database, username } = dataSource.options as { host?: string; port?: number; database?: string; username?: string };
  const what = `PostgreSQL at ${host}:${port}, database "${database}", role "${username}"`;
  await withinTimeout(what, timeoutSeconds, (onWaiting, signal) => migrateWhenAvailable(dataSource, { onWaiting, signal })).catch(
    (error: unknown) => {
      throw usageErrorOf(error, what) ?? error;
    },
  );
}

/** SQLSTATE: missing rights, and no such schema. */
const NOT_PROVISIONED = ['42501', '3F000'];

function usageErrorOf(error: unknown, what: string): UsageError | undefined {
  if (error instanceof OutdatedDatabaseError) return new UsageError(error.message, { cause: error });
  const { code, message } = error as Error & { code?: string };
  if (!NOT_PROVISIONED.includes(code ?? '')) return undefined;
  const text = `${what}: ${message}. The schema must exist and belong to this role; \`migrate\` of setup creates it.`;
  return new UsageError(text, { cause: error });
}
