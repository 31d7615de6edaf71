import type { EntityManager } from 'typeorm';

const PURGE_SIZE = 100;

/** Deletes some expired rows with each new row, so that no table grows. Needs an index on expires_at. */
export async function purgeSomeExpired(manager: EntityManager, table: string, key: string): Promise<void> {
  await manager.query(
    `delete from ${table} where ${key} in (select ${key} from ${table} where expires_at < now() limit ${PURGE_SIZE} for update skip locked)`,
  );
}
