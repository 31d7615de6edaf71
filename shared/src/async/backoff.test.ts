import { expect, it, vi } from 'vitest';
import { backoffMs } from './backoff.js';

it('doubles the delay up to the longest one', () => {
  const delays = [0, 1, 2, 3, 4, 2000].map((attempt) => backoffMs(attempt, { firstMs: 100, maxMs: 1000 }));
  expect(delays).toEqual([100, 200, 400, 800, 1000, 1000]);
});

it('varies the delay by the jitter, to both sides', () => {
  const random = vi.spyOn(Math, 'random');
  const delays = [0, 0.5, 1].map((value) => {
    random.mockReturnValueOnce(value);
    return backoffMs(0, { firstMs: 100, maxMs: 1000, jitter: 0.25 });
  });
  random.mockRestore();
  expect(delays).toEqual([75, 100, 125]);
});
