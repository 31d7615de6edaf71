import { Counter, Histogram } from 'prom-client';

/** Without the time in the queue. By cost, so that operators see how many hashes have an earlier BCRYPT_COST. */
export const passwordHashSeconds = new Histogram({
  name: 'password_hash_duration_seconds',
  help: 'Duration of the computation of a password hash, to store it or to check a password',
  labelNames: ['purpose', 'cost'] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
});

export const passwordHashesRefused = new Counter({
  name: 'password_hashes_refused_total',
  help: 'Checks of passwords and new hashes that were refused because too many were waiting (UNAVAILABLE)',
  labelNames: ['purpose'] as const,
});
