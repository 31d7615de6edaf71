import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../src/observability/index.js';
import { createRedis, LiveChannels, channels } from '../src/realtime/index.js';
import { eventually, testRedisConfig } from '../src/testing/index.js';
import { redis, opened, url, openChannels, subscribers, useLiveRedis } from './kit/live-redis.js';
import { killConnections } from './kit/redis-kill.js';

useLiveRedis();

describe('LiveChannels', () => {
  it('subscribes a channel once for all its listeners, and unsubscribes it with the last', async () => {
    const { live } = await openChannels();
    const channel = channels.user(randomUUID());
    const received: string[] = [];
    const leaveFirst = await live.subscribe(channel, (text) => received.push(`1 ${text}`));
    const leaveSecond = await live.subscribe(channel, (text) => received.push(`2 ${text}`));
    expect(await subscribers(channel)).toBe(1);
    await redis.publish(channel, 'a');
    await eventually(() => received.length === 2);
    leaveFirst();
    leaveFirst();
    await redis.publish(channel, 'b');
    await eventually(() => received.length === 3);
    expect(received).toEqual(['1 a', '2 a', '2 b']);
    leaveSecond();
    await eventually(async () => (await subscribers(channel)) === 0);
    expect(live.size).toBe(0);
  });

  it('delivers every message that is published after subscribe has resolved', async () => {
    const { live } = await openChannels();
    for (let i = 0; i < 50; i++) {
      const channel = channels.user(randomUUID());
      const received: string[] = [];
      await Promise.all([live.subscribe(channel, (text) => received.push(text)), live.subscribe(channel, (text) => received.push(text))]);
      await redis.publish(channel, 'at once');
      await eventually(() => received.length === 2);
    }
  });

  it('delivers messages after a channel is unsubscribed and subscribed again at once', async () => {
    const { live } = await openChannels();
    const channel = channels.user(randomUUID());
    for (let i = 0; i < 20; i++) {
      const leave = await live.subscribe(channel, () => {});
      leave();
    }
    const received: string[] = [];
    await live.subscribe(channel, (text) => received.push(text));
    await redis.publish(channel, 'x');
    await eventually(() => received.length === 1);
  });

  it('continues when a listener throws', async () => {
    const { live } = await openChannels();
    const channel = channels.user(randomUUID());
    const received: string[] = [];
    await live.subscribe(channel, () => {
      throw new Error('listener');
    });
    await live.subscribe(channel, (text) => received.push(text));
    await redis.publish(channel, 'x');
    await eventually(() => received.length === 1);
  });

  it('calls its listeners when it is interrupted, and when every channel is subscribed again', async () => {
    const { live, name } = await openChannels();
    const names = Array.from({ length: 2500 }, () => channels.user(randomUUID()));
    const received = new Set<string>();
    await Promise.all(names.map((channel) => live.subscribe(channel, () => received.add(channel))));
    const events: string[] = [];
    live.onInterrupted(() => events.push('interrupted'));
    let publishedAtRestore: Promise<unknown> | undefined;
    live.onRestored(() => {
      events.push('restored');
      // Published in the moment of the callback: every channel must receive it.
      const pipeline = redis.pipeline();
      for (const channel of names) pipeline.publish(channel, 'again');
      publishedAtRestore = pipeline.exec();
    });
    expect(await killConnections(url(), name)).toBe(1);
    await eventually(() => events.includes('restored'));
    expect(events).toEqual(['interrupted', 'restored']);
    expect(live.isLive).toBe(true);
    await publishedAtRestore;
    await eventually(() => received.size === names.length);
  });

  it('accepts a subscription while Redis is unavailable, and opens it when Redis is available', async () => {
    const connection = createRedis(testRedisConfig(), `late-${randomUUID()}`, silentLog);
    const live = new LiveChannels(connection, silentLog);
    opened.push(live);
    const channel = channels.user(randomUUID());
    const received: string[] = [];
    let restored = false;
    live.onRestored(() => (restored = true));
    await live.subscribe(channel, (text) => received.push(text));
    await eventually(() => restored);
    await redis.publish(channel, 'x');
    await eventually(() => received.length === 1);
  });
});
