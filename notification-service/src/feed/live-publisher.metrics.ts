import { Counter, Gauge } from 'prom-client';

export const liveQueued = new Gauge({
  name: 'live_delivery_queued',
  help: 'Committed events and notifications that wait in memory to be published',
});

export const livePartitionsBehind = new Gauge({
  name: 'live_delivery_partitions_behind',
  help: 'Partitions whose events are published from the feed until they have caught up',
});

export const liveInterruptions = new Counter({
  name: 'live_delivery_interruptions_total',
  help: 'How often publishing failed and went on from the feed',
});
