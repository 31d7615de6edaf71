import { Counter, Gauge } from 'prom-client';

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
