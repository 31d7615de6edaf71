import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, type QueryRunner } from 'typeorm';
import { applySqlFiles } from './sql-files.js';

const LOCK_RETRY_MS = 200;

/** The database was created by a build whose migrations are not part of this one, so it cannot be upgraded. No retry helps. */
export class OutdatedDatabaseError extends Error {
  override name = 'OutdatedDatabaseError';

  constructor(database: string, schema: string) {
    super(
      `The schema "${schema}" of the database "${database}" was created by an earlier build and cannot be upgraded; it was left as it is. ` +
        'Delete its data with `npm run reset`, or use an empty database.',
    );
  }
}

/**
 * Runs the missing migrations of a data source, then applies its SQL files (`sqlFiles` of createDataSource) whose content has changed.
 * Several processes may call it at once: one holds an advisory lock, the others wait and find nothing to do. It uses connections of its
 * own, without a statement timeout, and closes them.
 *
 * A database with migrations, but not with the first one of this build, is left unchanged: OutdatedDatabaseError. A database with
 * migrations that this build does not know belongs to a newer build: its SQL files are left unchanged.
 */
export async function migrateUnderLock(dataSource: DataSource): Promise<void> {
  const migrator = createMigrator(dataSource);
  await migrator.initialize();
  const lockHolder = migrator.createQueryRunner();
  try {
    const schema = schemaOf(migrator);
    await lock(lockHolder, schema);
    const known = migrator.migrations.map((migration) => migration.name ?? migration.constructor.name);
    const executed = await executedMigrations(lockHolder, schema);
    if (executed.length > 0 && known.length > 0 && !executed.includes(known[0]!))
      throw new OutdatedDatabaseError(String(migrator.options.database), schema);
    await migrator.runMigrations();
    const isNewer = executed.some((name) => !known.includes(name));
    if (!isNewer) await applySqlFiles(lockHolder, sqlFilesOf(migrator));
  } finally {
    // Closing the connection also releases the lock.
    await lockHolder.release();
    await migrator.destroy();
  }
}

/** Asks again and again: `create index concurrently` waits for every statement that has begun before, and so for one that waits for the lock. */
async function lock(runner: QueryRunner, schema: string): Promise<void> {
  const tryToLock = 'select pg_try_advisory_lock(hashtext($1), hashtext($2)) as locked';
  while (!((await runner.query(tryToLock, ['migrate', schema])) as { locked: boolean }[])[0]!.locked) await sleep(LOCK_RETRY_MS);
}

function createMigrator(dataSource: DataSource): DataSource {
  const { extra, ...options } = dataSource.options as typeof dataSource.options & { extra?: { options?: string } };
  return new DataSource({
    ...options,
    entities: [],
    subscribers: [],
    poolSize: 2,
    extra: {
      ...extra,
      options: `${extra?.options ?? ''} -c statement_timeout=0 -c idle_in_transaction_session_timeout=0`,
      query_timeout: 0,
    },
  } as typeof dataSource.options);
}

function schemaOf({ options }: DataSource): string {
  return (options as { schema?: string }).schema ?? 'public';
}

function sqlFilesOf({ options }: DataSource): URL[] {
  return (options as { sqlFiles?: URL[] }).sqlFiles ?? [];
}

/** Names of the migrations that the database has, oldest first. */
async function executedMigrations(runner: QueryRunner, schema: string): Promise<string[]> {
  const [found] = (await runner.query('select to_regclass($1) is not null as exists', [`"${schema}".migrations`])) as { exists: boolean }[];
  if (!found?.exists) return [];
  const rows = (await runner.query(`select name from "${schema}".migrations order by id`)) as { name: string }[];
  return rows.map(({ name }) => name);
}
