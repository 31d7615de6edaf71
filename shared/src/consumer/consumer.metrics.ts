import { Counter, Gauge } from 'prom-client';

/** Set by LagMeter. */
export const consumerLag = new Gauge({
  name: 'consumer_lag',
  help: 'Records of a partition that the group has not handled',
  labelNames: ['group', 'topic', 'partition'],
});

/** Incremented by RecordProcessor. */
export const consumerRecords = new Counter({
  name: 'consumer_records_total',
  help: 'Records that are handled or skipped',
  labelNames: ['group', 'topic'],
});

/** Incremented by RecordRetry. */
export const consumerRetries = new Counter({
  name: 'consumer_retries_total',
  help: 'Failed attempts that are retried',
  labelNames: ['group', 'topic'],
});

/** Incremented by RecordRetry. */
export const deadLettersWritten = new Counter({
  name: 'dead_letters_total',
  help: 'Records that were written to the dead-letter topic',
  labelNames: ['group', 'topic'],
});

/** Incremented by RecordProcessor. */
export const unknownEvents = new Counter({
  name: 'consumer_unknown_events_total',
  help: 'Records that are skipped because this build does not know their type: update the consumers before the producers',
  labelNames: ['group', 'topic'],
});
