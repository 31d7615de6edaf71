import { currentContext } from '../observability/index.js';
import { newId, type SqlRunner } from '../database/index.js';
import { EVENT_TOPICS, type EventToPublish } from '../events/index.js';

/** Kafka accepts records of one megabyte; an event near that size is a mistake. */
export const MAX_PAYLOAD_CHARACTERS = 500_000;

/**
 * Creates the outbox of a schema; call it in a migration of the service. Column `tx` is the first one: a transaction has its number before
 * the row has its id, and LowWaterMark relies on this. The table is small and changes often, so its autovacuum thresholds are low.
 */
export async function createOutboxTable(runner: SqlRunner): Promise<void> {
  await runner.query(`
    create table outbox (
      tx xid8 not null default pg_current_xact_id(),
      id bigint generated always as identity primary key,
      topic text not null,
      key text not null,
      type text not null,
      event_id uuid not null,
      payload text not null,
      correlation_id text,
      traceparent text,
      created_at timestamptz not null default clock_timestamp()
    ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_insert_scale_factor = 0,
            autovacuum_vacuum_insert_threshold = 10000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000)`);
}

/**
 * Writes events to the outbox, in the transaction of `runner`. They are published if and only if it commits, for each key in the order in
 * which they were written. This is also the order between transactions, so lock the aggregate first. An event with several topics gets a row for
 * each, with the same id: no consumer group reads two of them (see EVENT_TOPICS). Call `OutboxRelay.wake()` after the commit. Rejects an event
 * without a key and one of more than 500,000 characters.
 */
export async function appendToOutbox(runner: SqlRunner, ...events: EventToPublish[]): Promise<void> {
  if (events.length === 0) return;
  const payloads = events.map((event) => JSON.stringify(event.payload));
  const tooLarge = payloads.findIndex((payload) => payload.length > MAX_PAYLOAD_CHARACTERS);
  if (tooLarge >= 0)
    throw new Error(`a ${events[tooLarge]!.type} of ${payloads[tooLarge]!.length} characters is too large to be published`);
  if (events.some((event) => event.key === '')) throw new Error('an event needs a key');
  const context = currentContext();
  const rows = events.flatMap((event, index) => {
    const { type, key, eventId = newId() } = event;
    return EVENT_TOPICS[type].map((topic) => ({ topic, key, type, eventId, payload: payloads[index] }));
  });
  await runner.query(
    `insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
     select topic, key, type, event_id, payload, $6, $7
       from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[]) with ordinality as e(topic, key, type, event_id, payload, o)
      order by o`,
    [
      rows.map(({ topic }) => topic),
      rows.map(({ key }) => key),
      rows.map(({ type }) => type),
      rows.map(({ eventId }) => eventId),
      rows.map(({ payload }) => payload),
      context?.correlationId ?? null,
      context?.traceparent ?? null,
    ],
  );
}
