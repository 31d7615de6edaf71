import { register } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendToOutbox } from '../../src/outbox/index.js';
import { eventually } from '../../src/testing/index.js';
import { conversation, Network, payloadOf, World } from '../kit/event-world.js';

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

describe('the numbers of an operator', () => {
  it('tell what waits in the outbox, what was retried, given up, and how far behind a group is', async () => {
    const network = new Network();
    network.cut();
    await world.announce(...conversation(7));
    world.relay(network.settings(world.config));
    await eventually(async () => expect(await sum('outbox_pending')).toBe(7), { timeoutMs: 20_000 });
    expect(await sum('outbox_oldest_seconds')).toBeGreaterThan(0);
    network.restore();
    await eventually(async () => expect(await sum('outbox_pending')).toBe(0), { timeoutMs: 30_000 });

    let isAway = true;
    world.consumer((event) => {
      if (isAway) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
      if (event.payload.seq === 7) throw new Error('broken');
    });
    await eventually(async () => expect(await sum('consumer_retries_total')).toBeGreaterThan(1));
    expect(await sum('consumer_lag')).toBe(7);
    isAway = false;
    await eventually(async () => expect(await sum('dead_letters_total')).toBe(1));
    expect(await sum('consumer_lag')).toBe(0);
    expect(await sum('consumer_records_total')).toBe(6);
  });
});

describe('an event that is too large or has no key', () => {
  it('is refused where it is written', async () => {
    const [message] = conversation(1);
    const event = { type: 'MessageCreated' as const, key: message!.conversationId, payload: payloadOf(message!) };
    const large = { ...event, payload: { ...event.payload, content: 'x'.repeat(10_000_000) } };
    await expect(appendToOutbox(world.dataSource, large)).rejects.toThrow('too large');
    await expect(appendToOutbox(world.dataSource, { ...event, key: '' })).rejects.toThrow('key');
    expect(await world.outboxSize()).toBe(0);
  });
});
