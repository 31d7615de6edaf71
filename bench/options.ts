import { parseArgs } from 'node:util';
import { UserError } from '../scripts/progress.ts';

export const PARTS = ['fixed', 'steps', 'idle', 'memory'] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  /** The whole system on one core, the load generator on another. */
  oneCore: boolean;
  parts: Part[];
  pairs: number;
  /** Messages that are sent before `fixed` and `steps`. */
  warmUpMessages: number;
  /** Messages per second of the part `fixed`, and how long each rate is held. */
  rates: number[];
  seconds: number;
  /** Where the part `steps` begins and ends, in messages per second. */
  firstRate: number;
  maxRate: number;
  /** How long the system rests before the part `idle` measures it. */
  idleSeconds: number;
  /** Subscriptions of the part `memory`. */
  idleSockets: number;
}

/** The options of `npm run bench -- [--one-core] [part …]`, and of the variables BENCH_…; a UserError names what is wrong. */
export function optionsOf(args: string[], env: NodeJS.ProcessEnv): Options {
  const { oneCore, parts } = argumentsOf(args);
  const numbers = (name: string, otherwise: string): number[] => (env[name] || otherwise).split(',').map((text) => positive(name, text));
  const number = (name: string, otherwise: number): number => positive(name, env[name] || String(otherwise));
  return {
    oneCore,
    parts: PARTS.filter((part) => parts.length === 0 || parts.includes(part)),
    pairs: number('BENCH_PAIRS', 100),
    warmUpMessages: number('BENCH_WARM_UP_MESSAGES', 30_000),
    rates: numbers('BENCH_RATES', '10,100,200,500'),
    seconds: number('BENCH_SECONDS', 30),
    firstRate: number('BENCH_FIRST_RATE', 500),
    maxRate: number('BENCH_MAX_RATE', 6_000),
    idleSeconds: number('BENCH_IDLE_SECONDS', 60),
    idleSockets: number('BENCH_IDLE_SOCKETS', 5_000),
  };
}

function argumentsOf(args: string[]): { oneCore: boolean; parts: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { 'one-core': { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const unknown = positionals.find((name) => !PARTS.some((part) => part === name));
    if (unknown) throw new Error(`There is no part "${unknown}".`);
    return { oneCore: values['one-core'], parts: positionals };
  } catch (error) {
    throw new UserError(
      `${(error as Error).message}\nUsage: npm run bench -- [--one-core] [${PARTS.join('] [')}]; without a part, all of them.`,
    );
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || value === Infinity) throw new UserError(`${name} must be a number above 0, not "${text}".`);
  return value;
}
