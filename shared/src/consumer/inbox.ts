import { rowsOf, type SqlRunner } from '../database/index.js';

/** Stores that these events are handled in this transaction; gives the ids of those that were not handled before. */
export async function deduplicateEvents(runner: SqlRunner, group: string, eventIds: string[]): Promise<Set<string>> {
  if (eventIds.length === 0) return new Set();
  // Sorted, so that two processes with the same events wait for each other in the same order.
  const result = await runner.query(
    `with added as (
       insert into inbox (event_id, consumer_group) select distinct id, $2 from unnest($1::uuid[]) id order by id on conflict do nothing returning event_id)
     select event_id from added`,
    [eventIds, group],
  );
  return new Set(rowsOf<{ event_id: string }>(result).map((row) => row.event_id));
}
