import { expect, it } from 'vitest';
import { totpBackoffMs } from './totp-backoff.js';

it('the delay starts after the fifth wrong code in a row and doubles up to 15 minutes', () => {
  expect([0, 1, 4, 5, 6, 7, 12, 14, 10_000].map(totpBackoffMs)).toEqual([0, 0, 0, 2000, 4000, 8000, 256_000, 900_000, 900_000]);
});
