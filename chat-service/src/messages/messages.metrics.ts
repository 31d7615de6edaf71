import { Gauge, Histogram, register } from 'prom-client';

/** Messages that waited for the next transaction when the last one started. */
export const sendsWaiting = once(
  'chat_sends_waiting',
  (name) => new Gauge({ name, help: 'Messages that waited for the next transaction when the last one started' }),
);

/** Messages that waited for auth-service or for a lock of another transaction when the last transaction started. */
export const sendsDeferred = once(
  'chat_sends_deferred',
  (name) => new Gauge({ name, help: 'Messages that waited for auth-service or a lock when the last transaction started' }),
);

/** How many messages went into one transaction. */
export const sendBatchSize = once(
  'chat_send_batch_size',
  (name) => new Histogram({ name, help: 'Messages stored by one transaction', buckets: [1, 2, 4, 8, 16, 32, 64, 128] }),
);

export const sendSeconds = once(
  'chat_send_transaction_seconds',
  (name) =>
    new Histogram({
      name,
      help: 'Time of one transaction that stores messages',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 3],
    }),
);

function once<Metric>(name: string, make: (name: string) => Metric): Metric {
  return (register.getSingleMetric(name) as Metric | undefined) ?? make(name);
}
