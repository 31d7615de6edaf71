import { Counter, Gauge } from 'prom-client';

export const outboxPending = new Gauge({
  name: 'outbox_pending',
  help: 'Events written and not yet acknowledged by Kafka, as the active relay sees it',
  labelNames: ['schema'],
});

export const outboxOldestSeconds = new Gauge({
  name: 'outbox_oldest_seconds',
  help: 'Age of the oldest event that is not yet acknowledged by Kafka',
  labelNames: ['schema'],
});

export const outboxBlockedKeys = new Gauge({
  name: 'outbox_blocked_keys',
  help: 'Keys whose next event cannot be announced; the events after it wait behind it',
  labelNames: ['schema'],
});

export const outboxPublished = new Counter({
  name: 'outbox_published_total',
  help: 'Events acknowledged by Kafka',
  labelNames: ['schema'],
});

export const consumerLag = new Gauge({
  name: 'consumer_lag',
  help: 'Records of a partition that the group has not handled yet',
  labelNames: ['group', 'topic', 'partition'],
});

export const consumerRecords = new Counter({
  name: 'consumer_records_total',
  help: 'Records whose position is stored',
  labelNames: ['group', 'topic'],
});

export const consumerRetries = new Counter({
  name: 'consumer_retries_total',
  help: 'Attempts that failed and were tried again',
  labelNames: ['group', 'topic'],
});

export const deadLettersWritten = new Counter({
  name: 'dead_letters_total',
  help: 'Records that were given up and put into the dead-letter topic',
  labelNames: ['group', 'topic'],
});
