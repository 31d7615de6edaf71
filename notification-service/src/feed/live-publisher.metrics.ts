import { Counter, Gauge } from 'prom-client';

export const liveQueued = new Gauge({
  name: 'live_delivery_queued',
  help: 'Committed events and notifications in memory that are not published yet',
});

export const livePartitionsLagging = new Gauge({
  name: 'live_delivery_partitions_lagging',
  help: 'Partitions whose events are published from the feed until they have caught up',
});

export const liveInterruptions = new Counter({
  name: 'live_delivery_interruptions_total',
  help: 'Failed publications, after which live delivery continued from the feed',
});
