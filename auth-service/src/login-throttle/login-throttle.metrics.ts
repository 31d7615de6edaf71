import { Counter, Histogram } from 'prom-client';

export const attemptDelaySeconds = new Histogram({
  name: 'password_attempt_delay_seconds',
  help: 'Delay of an attempt with a password because of earlier failures',
  buckets: [0, 0.25, 0.5, 1, 2, 4],
});
export const attemptsRefused = new Counter({
  name: 'password_attempts_refused_total',
  help: 'Attempts with a password that were refused because their delay would be too long (RATE_LIMITED)',
});
