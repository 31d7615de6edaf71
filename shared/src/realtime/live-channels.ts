import type { Redis } from 'ioredis';
import type { Log } from '../observability/logger.js';

type Listener = (text: string) => void;

interface Channel {
  listeners: Set<Listener>;
  /** Settles when the SUBSCRIBE that opened the channel is answered, or given up because the connection is gone. */
  opened: Promise<void>;
}

const CHANNELS_PER_COMMAND = 1000;

/**
 * Redis channels for many listeners over one connection: a channel is subscribed once, however many listen.
 *
 * Delivery is at most once. What was published while the connection was away is gone, so `onInterrupted` tells when that begins
 * and `onRestored` when every channel is subscribed again: from then on a listener can read what it missed from where the truth is.
 * `subscribe` while the connection is away succeeds, and the channel is opened before the next `onRestored`.
 * The connection must be its own, made by `createRedis`; `close()` ends it.
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

  /** False while channels are not subscribed because the connection is away. */
  get isLive(): boolean {
    return this.#state === 'live';
  }

  /** How many channels are open. */
  get size(): number {
    return this.#channels.size;
  }

  /**
   * Resolves when Redis has confirmed the channel, so that nothing published later is missed, or at once while the connection is away.
   * The returned function ends this one listening; calling it again does nothing.
   */
  async subscribe(name: string, listener: Listener): Promise<() => void> {
    // One function may listen twice: each subscription is its own.
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

  onInterrupted(fn: () => void): () => void {
    this.#onInterrupted.add(fn);
    return () => this.#onInterrupted.delete(fn);
  }

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
      // Redis is away or does not answer: a new connection subscribes everything again.
      this.#reconnect(error);
    }
  }

  #remove(name: string, listener: Listener): void {
    const channel = this.#channels.get(name);
    if (!channel?.listeners.delete(listener) || channel.listeners.size > 0) return;
    this.#channels.delete(name);
    // Commands of one connection are handled in order, so an UNSUBSCRIBE never overtakes a later SUBSCRIBE.
    if (this.#redis.status === 'ready') this.#redis.unsubscribe(name).catch(() => {});
  }

  #deliver(name: string, text: string): void {
    const channel = this.#channels.get(name);
    if (!channel) return;
    for (const listener of channel.listeners) {
      try {
        listener(text);
      } catch (error) {
        this.#logger.error({ error, channel: name }, 'a live listener failed');
      }
    }
  }

  #interrupted(): void {
    if (this.#closed || this.#state === 'interrupted') return;
    const wasLive = this.#state === 'live';
    this.#state = 'interrupted';
    if (wasLive) this.#tell(this.#onInterrupted);
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
    if (wasInterrupted) this.#tell(this.#onRestored);
  }

  #reconnect(error: unknown): void {
    if (this.#closed || this.#redis.status !== 'ready') return;
    this.#logger.warn({ error }, 'subscribing failed; connecting again');
    this.#redis.disconnect(true);
  }

  #tell(listeners: Set<() => void>): void {
    for (const fn of listeners) {
      try {
        fn();
      } catch (error) {
        this.#logger.error({ error }, 'a listener of the live connection failed');
      }
    }
  }
}
