import { Counter, Gauge } from 'prom-client';

/** Set by OutboxConnection. */
export const outboxPending = new Gauge({
  name: 'outbox_pending',
  help: 'Events in the outbox, measured by the active relay; those that Kafka has acknowledged stay for up to a second',
  labelNames: ['schema'],
});

/** Set by OutboxConnection. */
export const outboxOldestSeconds = new Gauge({
  name: 'outbox_oldest_seconds',
  help: 'Age of the oldest event in the outbox; one that Kafka has acknowledged stays for up to a second',
  labelNames: ['schema'],
});

/** Set by OutboxBatches. */
export const outboxBlockedKeys = new Gauge({
  name: 'outbox_blocked_keys',
  help: 'Keys whose next event cannot be published; the later events of these keys wait for it',
  labelNames: ['schema'],
});

/** Incremented by OutboxBatches. */
export const outboxPublished = new Counter({
  name: 'outbox_published_total',
  help: 'Events acknowledged by Kafka',
  labelNames: ['schema'],
});
