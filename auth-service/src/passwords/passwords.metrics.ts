import { Histogram } from 'prom-client';

/** Without the time in the queue. By cost, so that operators see how many hashes of an earlier BCRYPT_COST are left. */
export const passwordHashSeconds = new Histogram({
  name: 'password_hash_duration_seconds',
  help: 'Time of one computation of a password hash, to store it or to check a password',
  labelNames: ['purpose', 'cost'] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
});
