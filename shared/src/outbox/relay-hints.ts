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
  #timer: NodeJS.Timeout | undefined;

  constructor(config: RedisConfig, schema: string, logger: Log) {
    this.#redis = createRedis(config, `${schema}-outbox`, logger);
    this.#channels = new LiveChannels(createSubscriber(config, `${schema}-outbox-hints`, this.#redis, logger), logger);
    this.#channel = channels.outbox(schema);
  }

  /** Calls `listener` for each hint, and whenever hints stop or begin to arrive: those in between are lost. */
  onHint(listener: () => void): void {
    this.#channels.onInterrupted(listener);
    this.#channels.onRestored(listener);
    void this.#channels.subscribe(this.#channel, listener).then(() => listener());
  }

  /** False while hints cannot be received. */
  get isLive(): boolean {
    return this.#channels.isLive;
  }

  /** Sends a hint at once, or when this time has passed since the last one; none while Redis is unavailable. */
  send(paceMs: number): void {
    if (this.#redis.status !== 'ready' || this.#timer) return;
    const waitMs = this.#sentAt + paceMs - performance.now();
    if (waitMs <= 0) this.#publish();
    // The relay may have read before the commit of this hint, so the last one of several may not be left out.
    else this.#timer = setTimeout(() => this.#publish(), waitMs);
  }

  #publish(): void {
    this.#timer = undefined;
    this.#sentAt = performance.now();
    // A lost hint only delays the events until the next poll.
    this.#redis.publish(this.#channel, '').catch(() => undefined);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#channels.close();
    this.#redis.disconnect();
  }
}
