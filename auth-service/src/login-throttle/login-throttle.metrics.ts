import { Counter, Histogram } from 'prom-client';

export const attemptDelaySeconds = new Histogram({
  name: 'password_attempt_delay_seconds',
  help: 'How long an attempt with a password was made to wait for the failures before it',
  buckets: [0, 0.25, 0.5, 1, 2, 4],
});
export const attemptsRefused = new Counter({
  name: 'password_attempts_refused_total',
  help: 'Attempts with a password that would have had to wait too long (RATE_LIMITED)',
});
