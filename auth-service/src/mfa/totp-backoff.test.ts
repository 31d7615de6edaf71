import { expect, it } from 'vitest';
import { totpBackoffMs } from './totp-backoff.js';

it('slows the sixth wrong code in a row, then ever more, up to a quarter of an hour', () => {
  expect([0, 1, 4, 5, 6, 7, 12, 14, 10_000].map(totpBackoffMs)).toEqual([0, 0, 0, 2000, 4000, 8000, 256_000, 900_000, 900_000]);
});
