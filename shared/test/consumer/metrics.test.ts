import { register } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendToOutbox } from '../../src/outbox/index.js';
import { eventually } from '../../src/testing/index.js';
import { World } from '../kit/event-world.js';
import { conversation, payloadOf } from '../kit/messages.js';
import { Network } from '../kit/network.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

async function sum(name: string): Promise<number> {
  const metric = await register.getSingleMetric(name)!.get();
  return metric.values
    .filter(({ labels }) => labels['group'] === undefined || String(labels['group']).startsWith(world.config.topicPrefix))
    .reduce((total, { value }) => total + value, 0);
}

describe('the metrics', () => {
  it('count the events in the outbox, retries, dead letters, and the lag of a group', async () => {
    const network = new Network();
    network.cut();
    await world.publish(...conversation(7));
    world.relay(network.settings(world.config));
    await eventually(async () => expect(await sum('outbox_pending')).toBe(7), { timeoutMs: 20_000 });
    expect(await sum('outbox_oldest_seconds')).toBeGreaterThan(0);
    network.restore();
    await eventually(async () => expect(await sum('outbox_pending')).toBe(0), { timeoutMs: 30_000 });

    let isUnavailable = true;
    world.consumer((event) => {
      if (isUnavailable) throw Object.assign(new Error('unavailable'), { code: 'ECONNREFUSED' });
      if (event.payload.seq === 7) throw new Error('broken');
    });
    await eventually(async () => expect(await sum('consumer_retries_total')).toBeGreaterThan(1));
    expect(await sum('consumer_lag')).toBe(7);
    isUnavailable = false;
    await eventually(async () => expect(await sum('dead_letters_total')).toBe(1));
    expect(await sum('consumer_lag')).toBe(0);
    expect(await sum('consumer_records_total')).toBe(6);
  });
});

describe('an event that is too large or has no key', () => {
  it('is rejected when it is written to the outbox', async () => {
    const [message] = conversation(1);
    const event = { type: 'MessageCreated' as const, key: message!.conversationId, payload: payloadOf(message!) };
    const large = { ...event, payload: { ...event.payload, content: 'x'.repeat(10_000_000) } };
    await expect(appendToOutbox(world.dataSource, large)).rejects.toThrow('too large');
    await expect(appendToOutbox(world.dataSource, { ...event, key: '' })).rejects.toThrow('key');
    expect(await world.outboxSize()).toBe(0);
  });
});
