import type { Consumer, EachBatchPayload } from 'kafkajs';
import { expect, it, vi } from 'vitest';
import { silentLog } from '../observability/index.js';
import { BatchIntake } from './batch-intake.js';

it('a batch that fails after its assignment has ended is not retried, and leaves the new assignment as it is', async () => {
  let current = new AbortController();
  const state = { topic: 'chat.user', partition: 0, epoch: 1, nextOffset: 5, storedOffset: 5, active: true, lastRecord: null };
  const assignment = {
    find: () => state,
    deactivate: vi.fn(),
    reread: vi.fn(),
    get signal() {
      return current.signal;
    },
  };
  const failing = Promise.withResolvers<void>();
  const retry = { run: vi.fn(() => Promise.resolve()) };
  const parts = { group: 'test', assignment, processor: { process: () => failing.promise }, retry, tasks: { add: vi.fn() } };
  const intake = new BatchIntake({ ...parts, log: silentLog, stopped: new AbortController().signal } as never);
  const messages = [{ offset: '5', timestamp: '0', headers: {}, value: null }];
  const payload = { batch: { topic: 'chat.user', partition: 0, messages, highWatermark: '6' }, heartbeat: vi.fn(), resolveOffset: vi.fn() };

  const accepted = intake.accept({} as Consumer, payload as unknown as EachBatchPayload);
  current.abort();
  current = new AbortController();
  failing.reject(new Error('the database is unavailable'));
  await accepted;
  expect(retry.run).not.toHaveBeenCalled();
  expect(assignment.deactivate).not.toHaveBeenCalled();
  expect(assignment.reread).not.toHaveBeenCalled();
});
