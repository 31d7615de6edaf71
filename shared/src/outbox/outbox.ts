import { currentContext } from '../observability/index.js';
import { newId } from '../database/index.js';
import { EVENT_TOPICS, type EventToPublish } from '../events/index.js';
import type { SqlRunner } from '../consumer/received-event.js';

/** Kafka takes a megabyte; an event that comes near it is a mistake. */
export const MAX_PAYLOAD_CHARACTERS = 500_000;

/**
 * The outbox of a schema; call it from a migration of the service. `tx` comes first: a row's transaction has its number before the row has
 * its id, which the relay's low-water rule counts on. The table is small and busy, so it is vacuumed eagerly.
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
 * Writes events to the outbox, in the transaction of `runner`: they are announced if it commits, and only then, in the order in which they
 * were written for each key. Order between transactions is that of their writing too, so lock the aggregate first. Call
 * `OutboxRelay.wake()` after the commit.
 */
export async function appendToOutbox(runner: SqlRunner, ...events: EventToPublish[]): Promise<void> {
  if (events.length === 0) return;
  const payloads = events.map((event) => JSON.stringify(event.payload));
  const tooLarge = payloads.findIndex((payload) => payload.length > MAX_PAYLOAD_CHARACTERS);
  if (tooLarge >= 0)
    throw new Error(`a ${events[tooLarge]!.type} of ${payloads[tooLarge]!.length} characters is too large to be announced`);
  if (events.some((event) => event.key === '')) throw new Error('an event needs a key');
  const context = currentContext();
  await runner.query(
    `insert into outbox (topic, key, type, event_id, payload, correlation_id, traceparent)
     select topic, key, type, event_id, payload, $6, $7
       from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[]) with ordinality as e(topic, key, type, event_id, payload, o)
      order by o`,
    [
      events.map((event) => EVENT_TOPICS[event.type]),
      events.map((event) => event.key),
      events.map((event) => event.type),
      events.map((event) => event.eventId ?? newId()),
      payloads,
      context?.correlationId ?? null,
      context?.traceparent ?? null,
    ],
  );
}
