import { DataSource } from 'typeorm';

/**
 * Runs the migrations that are missing. Several processes may call it at once: an advisory lock lets one work while the
 * others wait, and they find nothing left to do. Uses connections of its own, without a statement timeout, and closes them.
 */
export async function migrateUnderLock(dataSource: DataSource): Promise<void> {
  const { schema, extra, ...options } = dataSource.options as typeof dataSource.options & { schema?: string };
  const migrator = new DataSource({
    ...options,
    schema,
    entities: [],
    subscribers: [],
    poolSize: 2,
    extra: {
      ...extra,
      options: `${extra?.options ?? ''} -c statement_timeout=0 -c idle_in_transaction_session_timeout=0`,
      query_timeout: 0,
    },
  } as typeof dataSource.options);
  await migrator.initialize();
  const lockHolder = migrator.createQueryRunner();
  try {
    await lockHolder.query('select pg_advisory_lock(hashtext($1), hashtext($2))', ['migrate', schema ?? 'public']);
    await migrator.runMigrations();
  } finally {
    // Closing the connections also lets the lock go.
    await lockHolder.release();
    await migrator.destroy();
  }
}
