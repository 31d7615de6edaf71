import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { silentLog } from '../../src/observability/index.js';
import { RelayHints } from '../../src/outbox/relay-hints.js';
import { channels } from '../../src/realtime/index.js';
import { eventually, testRedisConfig } from '../../src/testing/index.js';

it('of hints that follow each other closely, the first one is sent, and one after the last', async () => {
  const schema = `hints_${crypto.randomUUID()}`;
  const publish = vi.spyOn(Redis.prototype, 'publish');
  const hints = new RelayHints(testRedisConfig(), schema, silentLog);
  onTestFinished(() => {
    hints.close();
    publish.mockRestore();
  });
  const sent = () => publish.mock.calls.filter(([channel]) => channel === channels.outbox(schema)).length;
  // None is sent while Redis is not connected yet.
  await eventually(() => {
    hints.send(0);
    return sent() > 0;
  });
  const before = sent();
  hints.send(0);
  for (let n = 0; n < 3; n++) hints.send(100);
  expect(sent()).toBe(before + 1);
  await eventually(() => expect(sent()).toBe(before + 2));
});
