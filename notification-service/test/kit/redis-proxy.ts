import net from 'node:net';
import { RedisConfig } from '@chat/shared/config';
import { testInfra } from '@chat/shared/testing';

/** The way to Redis, which a test can cut, as if Redis were gone, or hold, as if it were stuck. */
export class RedisProxy {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  #isCut = false;
  #isHeld = false;

  private constructor() {
    const { hostname, port } = new URL(testInfra().redisUrl);
    this.#server = net.createServer((client) => {
      if (this.#isCut) return void client.destroy();
      const redis = net.connect(Number(port || 6379), hostname);
      for (const [from, to] of [
        [client, redis],
        [redis, client],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => {});
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
      if (this.#isHeld) client.pause();
    });
  }

  static async start(): Promise<RedisProxy> {
    const proxy = new RedisProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get config(): RedisConfig {
    return RedisConfig.fromUrl(`redis://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`);
  }

  cut(): void {
    this.#isCut = true;
    this.breakConnections();
  }

  /** Every connection ends; new ones can be made. */
  breakConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  hold(): void {
    this.#isHeld = true;
    for (const socket of this.#sockets) socket.pause();
  }

  restore(): void {
    this.#isCut = false;
    this.#isHeld = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
