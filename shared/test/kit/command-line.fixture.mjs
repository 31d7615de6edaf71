// A program with three commands, from the compiled code: forked by command-line.test.ts.
import { UsageError } from '@chat/shared/cli';
import { ConfigError } from '@chat/shared/config';
import { runCommandLine } from '@chat/shared/entry';

const loaded = async () => {
  if (!process.env.LOADS_FOR_EVER) return;
  console.log('loading');
  await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
};

await runCommandLine('fixture', {
  start: { does: 'starts', load: async () => (await loaded(), async () => 'started'), keepsRunning: true },
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
