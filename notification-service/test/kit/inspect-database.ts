import { eventually } from '@chat/shared/testing';
import type { DataSource } from 'typeorm';

/** The tables that contain a text or an id. */
export async function tablesWith(dataSource: DataSource, text: string): Promise<string[]> {
  const tables: { name: string }[] = await dataSource.query(
    `select table_name as name from information_schema.tables where table_schema = 'notification' order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables)
    if ((await dataSource.query(`select 1 from "${name}" t where strpos(t::text, $1) > 0 limit 1`, [text])).length > 0) found.push(name);
  return found;
}

/** Resolves when this number of statements waits for a lock. */
export const untilWaiting = (dataSource: DataSource, count: number) =>
  eventually(async () => {
    const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    return (await dataSource.query(waiting)).length === count;
  });
