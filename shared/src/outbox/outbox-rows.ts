import type { ClientBase } from 'pg';
import type { OutboxRead } from './low-water-mark.js';

/** One event as it is stored in the outbox. */
export interface OutboxRow {
  id: number;
  topic: string;
  key: string;
  type: string;
  eventId: string;
  payload: string;
  correlationId: string | null;
  traceparent: string | null;
  createdAt: Date;
}

/** The rows of one read, in the order in which they have to be published. */
export interface OutboxBatch extends OutboxRead {
  rows: OutboxRow[];
}

interface RawRow {
  xmin: string;
  xid: string | null;
  id: string | null;
  topic: string;
  key: string;
  type: string;
  event_id: string;
  payload: string;
  correlation_id: string | null;
  traceparent: string | null;
  created_at: Date;
}

/** One statement for both: deletes the published rows, reads the next ones. Uses the primary key. */
const DELETE_AND_READ = `
  with published as (delete from outbox where id = any($1::bigint[]))
  select pg_snapshot_xmin(s)::text as xmin, case when cardinality($1::bigint[]) > 0 then pg_current_xact_id()::text end as xid, o.*
    from pg_current_snapshot() s
    left join lateral (
      select id, topic, key, type, event_id, payload, correlation_id, traceparent, created_at
        from outbox
       where id > $2 and id <> all($1::bigint[]) and key <> all($3::text[])
       order by id limit $4) o on true
   order by o.id`;

/**
 * Deletes the rows that Kafka has acknowledged (`published`), and reads at most `limit` rows with an id `above` the low-water mark, without
 * those of blocked keys. `wasCut`: there may be more.
 */
export async function deleteAndRead(
  client: ClientBase,
  published: number[],
  above: number,
  blockedKeys: string[],
  limit: number,
): Promise<OutboxBatch> {
  const result = await client.query<RawRow>({ name: 'outbox-read', text: DELETE_AND_READ, values: [published, above, blockedKeys, limit] });
  const { xmin, xid } = result.rows[0]!;
  const rows = result.rows.filter((row) => row.id !== null).map(toOutboxRow);
  return {
    xmin: BigInt(xmin),
    xid: xid === null ? null : BigInt(xid),
    highestId: rows.at(-1)?.id,
    highestDeletedId: Math.max(0, ...published),
    wasCut: rows.length === limit,
    rows,
  };
}

function toOutboxRow(row: RawRow): OutboxRow {
  return {
    id: Number(row.id),
    topic: row.topic,
    key: row.key,
    type: row.type,
    eventId: row.event_id,
    payload: row.payload,
    correlationId: row.correlation_id,
    traceparent: row.traceparent,
    createdAt: row.created_at,
  };
}

/** The number of rows `above` the low-water mark, counted up to 100,000, and the age of the oldest one. */
export async function measureOutbox(client: ClientBase, above: number): Promise<{ pending: number; oldestSeconds: number }> {
  const result = await client.query<{ pending: number; oldest: number | null }>(
    `select count(*)::int as pending, extract(epoch from clock_timestamp() - min(created_at))::float8 as oldest
       from (select created_at from outbox where id > $1 order by id limit 100000) waiting`,
    [above],
  );
  return { pending: result.rows[0]?.pending ?? 0, oldestSeconds: result.rows[0]?.oldest ?? 0 };
}

/** Tries to take the lock of the active relay of this schema and database; it is held as long as the connection. */
export async function tryToLead(client: ClientBase): Promise<boolean> {
  const result = await client.query<{ leads: boolean }>(
    `select pg_try_advisory_lock(hashtextextended('outbox relay of ' || current_schema(), 0)) as leads`,
  );
  return result.rows[0]?.leads ?? false;
}
