import type { Consumer, EachBatchPayload } from 'kafkajs';
import { expect, it } from 'vitest';
import { silentLog } from '../observability/index.js';
import { BatchIntake } from './batch-intake.js';

it('a batch that fails after its assignment has ended is not retried, and leaves the new assignment as it is', async () => {
  let current = new AbortController();
  const calls: string[] = [];
  const record = (name: string) => () => void calls.push(name);
  const state = { topic: 'chat.user', partition: 0, epoch: 1, nextOffset: 5, storedOffset: 5, active: true, lastRecord: null };
  const assignment = {
    find: () => state,
    deactivate: record('deactivate'),
    reread: record('reread'),
    get signal() {
      return current.signal;
    },
  };
  const failing = Promise.withResolvers<void>();
  const retry = { run: async () => calls.push('retry') };
  const parts = { group: 'test', assignment, processor: { process: () => failing.promise }, retry, tasks: { add: record('task') } };
  const intake = new BatchIntake({ ...parts, log: silentLog, stopped: new AbortController().signal } as never);
  const messages = [{ offset: '5', timestamp: '0', headers: {}, value: null }];
  const batch = { topic: 'chat.user', partition: 0, messages, highWatermark: '6' };
  const payload = { batch, heartbeat: async () => undefined, resolveOffset: record('resolveOffset') };

  const accepted = intake.accept({} as Consumer, payload as unknown as EachBatchPayload);
  current.abort();
  current = new AbortController();
  failing.reject(new Error('the database is unavailable'));
  await accepted;
  expect(calls).toEqual([]);
});
