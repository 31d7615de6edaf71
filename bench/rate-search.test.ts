import { expect, it } from 'vitest';
import { nextRate } from './rate-search.ts';

/** The search on a system that sustains this rate and no more: the highest sustained step, and the number of steps. */
function search(capacity: number, { first, max }: { first: number; max: number }): { found: number; steps: number } {
  const tried = { first, max, sustained: 0, failed: Infinity };
  let steps = 0;
  for (let rate = nextRate(tried); rate !== null; rate = nextRate(tried), steps += 1) {
    if (steps > 30) throw new Error('the search does not end');
    if (rate <= capacity) tried.sustained = rate;
    else tried.failed = rate;
  }
  return { found: tried.sustained, steps };
}

it.each([6, 20, 90, 120, 499, 500, 501, 770, 3_644, 5_999])('a capacity of %d per second is found almost exactly', (capacity) => {
  const { found, steps } = search(capacity, { first: 500, max: 6_000 });
  expect(found).toBeLessThanOrEqual(capacity);
  expect(found).toBeGreaterThan(capacity / 1.2); // to within 12 %, and rounding at low rates
  expect(steps).toBeLessThan(15);
});

it('the search stops at the highest rate that may be tried', () => {
  expect(search(Infinity, { first: 500, max: 6_000 }).found).toBe(6_000);
  expect(search(Infinity, { first: 500, max: 300 })).toEqual({ found: 300, steps: 1 });
});

it('a system that sustains nothing ends the search', () => {
  expect(search(0, { first: 500, max: 6_000 }).found).toBe(0);
});
