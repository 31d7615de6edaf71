import type { Redis } from 'ioredis';
import type { Log } from '../observability/logger.js';

type Listener = (text: string) => void;

interface Channel {
  listeners: Set<Listener>;
  /** Resolves when the SUBSCRIBE of the channel is answered, or given up because the connection is lost. */
  opened: Promise<void>;
}

const CHANNELS_PER_COMMAND = 1000;

/**
 * Redis channels for many listeners over one connection: a channel is subscribed once, whatever the number of its listeners.
 *
 * Delivery is at most once. Messages that are published while the connection is lost are lost, too: `onInterrupted` is called when this
 * begins, and `onRestored` when every channel is subscribed again, so that a listener can read from PostgreSQL what it missed. While the
 * connection is lost, `subscribe` succeeds, and the channel is subscribed before the next `onRestored`.
 * It needs a connection of its own, from `createRedis`; `close()` closes it.
 */
export class LiveChannels {
  readonly #redis: Redis;
  readonly #logger: Log;
  readonly #channels = new Map<string, Channel>();
  readonly #onInterrupted = new Set<() => void>();
  readonly #onRestored = new Set<() => void>();
  #state: 'starting' | 'live' | 'interrupted' = 'starting';
  #closed = false;

  constructor(redis: Redis, logger: Log) {
    this.#redis = redis;
    this.#logger = logger;
    redis.on('message', (channel: string, text: string) => this.#deliver(channel, text));
    redis.on('close', () => this.#interrupted());
    redis.on('ready', () => void this.#restore());
    if (redis.status === 'ready') this.#state = 'live';
  }

  /** False while channels are not subscribed because the connection is lost. */
  get isLive(): boolean {
    return this.#state === 'live';
  }

  /** The number of channels with a listener. */
  get size(): number {
    return this.#channels.size;
  }

  /**
   * Resolves when Redis has confirmed the subscription, so that no later message is missed, or at once while the connection is lost. The
   * returned function removes this listener; calling it again does nothing.
   */
  async subscribe(name: string, listener: Listener): Promise<() => void> {
    // The same function may subscribe twice: each subscription is separate.
    const own: Listener = (text) => listener(text);
    let channel = this.#channels.get(name);
    if (!channel) {
      channel = { listeners: new Set(), opened: this.#open(name) };
      this.#channels.set(name, channel);
    }
    channel.listeners.add(own);
    await channel.opened;
    return () => this.#remove(name, own);
  }

  /** Calls `fn` when the connection is lost. Returns how to remove the listener. */
  onInterrupted(fn: () => void): () => void {
    this.#onInterrupted.add(fn);
    return () => this.#onInterrupted.delete(fn);
  }

  /** Calls `fn` when all channels are subscribed again. Returns how to remove the listener. */
  onRestored(fn: () => void): () => void {
    this.#onRestored.add(fn);
    return () => this.#onRestored.delete(fn);
  }

  close(): void {
    this.#closed = true;
    this.#channels.clear();
    this.#redis.disconnect();
  }

  async #open(name: string): Promise<void> {
    if (this.#redis.status !== 'ready') return;
    try {
      await this.#redis.subscribe(name);
    } catch (error) {
      // Redis is unavailable: a new connection subscribes every channel again.
      this.#reconnect(error);
    }
  }

  #remove(name: string, listener: Listener): void {
    const channel = this.#channels.get(name);
    if (!channel?.listeners.delete(listener) || channel.listeners.size > 0) return;
    this.#channels.delete(name);
    // Redis executes the commands of one connection in order, so an UNSUBSCRIBE never overtakes a later SUBSCRIBE.
    if (this.#redis.status === 'ready') this.#redis.unsubscribe(name).catch(() => {});
  }

  #deliver(name: string, text: string): void {
    const channel = this.#channels.get(name);
    if (!channel) return;
    for (const listener of channel.listeners) {
      try {
        listener(text);
      } catch (error) {
        this.#logger.error({ error, channel: name }, 'listener of a Redis channel failed');
      }
    }
  }

  #interrupted(): void {
    if (this.#closed || this.#state === 'interrupted') return;
    const wasLive = this.#state === 'live';
    this.#state = 'interrupted';
    if (wasLive) this.#notify(this.#onInterrupted);
  }

  async #restore(): Promise<void> {
    if (this.#closed) return;
    const wasInterrupted = this.#state === 'interrupted' || this.#channels.size > 0;
    const names = [...this.#channels.keys()];
    try {
      for (let i = 0; i < names.length; i += CHANNELS_PER_COMMAND) {
        const open = names.slice(i, i + CHANNELS_PER_COMMAND).filter((name) => this.#channels.has(name));
        if (open.length > 0) await this.#redis.subscribe(...open);
      }
    } catch (error) {
      this.#reconnect(error);
      return;
    }
    this.#state = 'live';
    if (wasInterrupted) this.#notify(this.#onRestored);
  }

  #reconnect(error: unknown): void {
    if (this.#closed || this.#redis.status !== 'ready') return;
    this.#logger.warn({ error }, 'subscription to Redis channels failed, connecting again');
    this.#redis.disconnect(true);
  }

  #notify(listeners: Set<() => void>): void {
    for (const fn of listeners) {
      try {
        fn();
      } catch (error) {
        this.#logger.error({ error }, 'listener of the Redis connection failed');
      }
    }
  }
}
