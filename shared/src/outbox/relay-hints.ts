import type { Redis } from 'ioredis';
import type { RedisConfig } from '../config/index.js';
import type { Log } from '../observability/index.js';
import { channels, createRedis, createSubscriber, LiveChannels } from '../realtime/index.js';

/** Messages on a Redis channel from the instances that write to an outbox to the one whose relay is active. Only hints: the relay polls, too. */
export class RelayHints {
  readonly #redis: Redis;
  readonly #channels: LiveChannels;
  readonly #channel: string;
  #sentAt = -Infinity;

  constructor(config: RedisConfig, schema: string, logger: Log) {
    this.#redis = createRedis(config, `${schema}-outbox`, logger);
    this.#channels = new LiveChannels(createSubscriber(config, `${schema}-outbox-hints`, this.#redis, logger), logger);
    this.#channel = channels.outbox(schema);
  }

  onHint(listener: () => void): void {
    void this.#channels.subscribe(this.#channel, listener);
  }

  /** Sends at most one hint in this time, and none while Redis is unavailable. */
  send(paceMs: number): void {
    const now = performance.now();
    if (this.#redis.status !== 'ready' || now - this.#sentAt < paceMs) return;
    this.#sentAt = now;
    // A lost hint only delays the events until the next poll.
    this.#redis.publish(this.#channel, '').catch(() => undefined);
  }

  close(): void {
    this.#channels.close();
    this.#redis.disconnect();
  }
}
