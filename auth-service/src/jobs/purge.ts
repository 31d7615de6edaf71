import type { DataSource, EntityManager } from 'typeorm';

/** Rows to delete: `where` needs an index, and may end with an order. */
export interface PurgedRows {
  table: string;
  key: string;
  where: string;
  parameters?: unknown[];
}

/** Deletes at most `limit` of these rows, and skips rows that another transaction has locked. Returns the number of deleted rows. */
export async function purgeBatch(
  runner: DataSource | EntityManager,
  { table, key, where, parameters = [] }: PurgedRows,
  limit: number,
): Promise<number> {
  const [, count] = await runner.query<[unknown, number]>(
    `delete from ${table} where ${key} in (select ${key} from ${table} where ${where} limit ${limit} for update skip locked)`,
    parameters,
  );
  return count;
}

const EXPIRED_PER_INSERT = 100;

/** Deletes some expired rows with each new row, so that a table of short-lived rows does not grow between two runs of a cleanup job. */
export async function purgeSomeExpired(manager: EntityManager, table: string, key: string): Promise<void> {
  await purgeBatch(manager, { table, key, where: 'expires_at < now()' }, EXPIRED_PER_INSERT);
}
