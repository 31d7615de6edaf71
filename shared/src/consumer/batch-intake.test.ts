import type { Consumer, EachBatchPayload } from 'kafkajs';
import { afterEach, expect, it, vi } from 'vitest';
import { consumerSettings } from '../kafka/kafka-client.js';
import { silentLog } from '../observability/index.js';
import { BatchIntake } from './batch-intake.js';

afterEach(() => {
  vi.useRealTimers();
});

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

it('while a batch takes long, its member sends a heartbeat within half of the session timeout', async () => {
  vi.useFakeTimers();
  const { sessionTimeout, heartbeatInterval } = consumerSettings('test');
  const beats = [Date.now()];
  // kafkajs sends none before the interval since the answer to the last one has passed.
  const heartbeat = async () => {
    if (Date.now() < beats.at(-1)! + heartbeatInterval!) return;
    await new Promise((resolve) => void setTimeout(resolve, 5));
    beats.push(Date.now());
  };
  const state = { topic: 'chat.user', partition: 0, epoch: 1, nextOffset: 5, storedOffset: 5, active: true, lastRecord: null };
  const process = () => new Promise((resolve) => void setTimeout(resolve, 60_000));
  const assignment = { find: () => state, signal: new AbortController().signal };
  const intake = new BatchIntake({
    group: 'test',
    assignment,
    processor: { process },
    log: silentLog,
    stopped: new AbortController().signal,
  } as never);
  const messages = [{ offset: '5', timestamp: '0', headers: {}, value: null }];
  const batch = { topic: 'chat.user', partition: 0, messages, highWatermark: '6' };
  const accepted = intake.accept({} as Consumer, { batch, heartbeat, resolveOffset: () => undefined } as unknown as EachBatchPayload);
  await vi.advanceTimersByTimeAsync(60_000);
  await accepted;
  const longest = Math.max(...beats.slice(1).map((at, i) => at - beats[i]!));
  expect(longest).toBeLessThanOrEqual(sessionTimeout! / 2);
});
