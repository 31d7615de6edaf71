import { describe, expect, it } from 'vitest';
import { optionsOf } from './options.ts';

describe('the options of the benchmark', () => {
  it('are all parts on all cores without an argument', () => {
    expect(optionsOf([], {})).toMatchObject({ oneCore: false, parts: ['fixed', 'steps', 'idle', 'memory'], rates: [10, 100, 200, 500] });
  });

  it('choose the parts, which run in their own order, and the cores', () => {
    expect(optionsOf(['idle', '--one-core', 'fixed'], {})).toMatchObject({ oneCore: true, parts: ['fixed', 'idle'] });
  });

  it('take sizes from the environment; an empty variable is the default', () => {
    expect(optionsOf([], { BENCH_RATES: '5,50', BENCH_SECONDS: '3', BENCH_PAIRS: '' })).toMatchObject({
      rates: [5, 50],
      seconds: 3,
      pairs: 100,
    });
  });

  it.each([
    [['step'], {}, /no part "step"[^]*npm run bench/],
    [['--one-cores'], {}, /one-cores[^]*npm run bench/],
    [[], { BENCH_RATES: '10,fast' }, /BENCH_RATES must be a number above 0, not "fast"/],
    [[], { BENCH_SECONDS: '0' }, /BENCH_SECONDS/],
  ])('%j with %j are refused by name', (args, env, message) => {
    expect(() => optionsOf(args, env)).toThrow(message);
  });
});
