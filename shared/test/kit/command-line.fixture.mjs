// A program with three commands, from the compiled code: forked by command-line.test.ts.
import { UsageError } from '@chat/shared/cli';
import { ConfigError } from '@chat/shared/config';
import { runCommandLine } from '@chat/shared/entry';
import { existsSync } from 'node:fs';

const loaded = async () => {
  const { EVALUATES_UNTIL } = process.env;
  if (EVALUATES_UNTIL) {
    console.log('loading');
    // As while modules are evaluated, the event loop stands still.
    while (!existsSync(EVALUATES_UNTIL));
    return;
  }
  if (!process.env.LOADS_FOR_EVER) return;
  console.log('loading');
  await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
};

const start = async () => {
  if (!process.env.EVALUATES_UNTIL) return 'started';
  process.on('SIGTERM', () => (console.log('stopped'), process.exit(0)));
  return await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
};

await runCommandLine('fixture', {
  start: { does: 'starts', load: async () => (await loaded(), start), keepsRunning: true },
  echo: { does: 'prints its arguments', load: async () => async (args, env) => `${args.join(' ')} for ${env.NAME}` },
  fail: {
    does: 'fails',
    load:
      async () =>
      async ([kind]) => {
        if (kind === 'usage') throw new UsageError('wrong usage');
        if (kind === 'config') throw new ConfigError(['NAME is not set']);
        if (kind === 'outside') throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        throw new TypeError('a fault of the program');
      },
  },
});
