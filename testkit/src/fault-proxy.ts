import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** `up`: from the client to the server; `down`: from the server to the client. */
export type Direction = 'up' | 'down' | 'both';

/**
 * A TCP proxy in front of one server, for tests of outages. Connect the client to `port` (or `urlFor(url)`) instead of the server.
 *
 * | fault         | what the client sees                                                               |
 * | ------------- | ---------------------------------------------------------------------------------- |
 * | `cut()`       | every open connection is closed; new ones work                                     |
 * | `refuse()`    | the same, and new connections are closed as soon as they are accepted              |
 * | `stall()`     | open and new connections stay open, but no byte passes: a frozen server or network |
 * | `stallOpen()` | the same for the connections that are open now; new ones work                      |
 * | `leadTo(url)` | new connections reach another server; the open ones stay where they are            |
 *
 * `resume()` ends every fault but the last; bytes that were held back are delivered in order. A fault affects only the clients of this proxy, so the server
 * can be shared with other tests.
 */
export class FaultProxy {
  readonly #links = new Set<Link>();
  readonly #server: Server;
  #refuses = false;
  #stalled: Direction | null = null;
  #target: { host: string; port: number };

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Starts a proxy to `target` on a free port of 127.0.0.1. A URL without a port needs `defaultPort`. */
  static async start(target: string | { host: string; port: number }, defaultPort = 0): Promise<FaultProxy> {
    const proxy = new FaultProxy(typeof target === 'string' ? addressOf(target, defaultPort) : target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** The port of the proxy; its host is 127.0.0.1. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#links.size;
  }

  /** The URL of the server with the address of the proxy: credentials, path and query stay. */
  urlFor(url: string): string {
    const changed = new URL(url);
    changed.host = `127.0.0.1:${this.port}`;
    return changed.href;
  }

  /** Closes every open connection. New ones work, unless the proxy refuses them. */
  cut(): void {
    for (const link of this.#links) link.destroy();
  }

  /** Closes every open connection, and refuses new ones until `resume()`. */
  refuse(): void {
    this.#refuses = true;
    this.cut();
  }

  /** Lets no byte pass in this direction until `resume()`, on open and on new connections. */
  stall(direction: Direction = 'both'): void {
    this.#stalled = direction;
    this.stallOpen(direction);
  }

  /** Lets no byte pass in this direction until `resume()`, on the connections that are open now. New ones work. */
  stallOpen(direction: Direction = 'both'): void {
    for (const link of this.#links) link.stall(direction);
  }

  /** New connections lead to this server, as after a failover behind a virtual address. */
  leadTo(url: string): void {
    this.#target = addressOf(url, this.#target.port);
  }

  /** Ends every fault. Connections that were cut stay closed. */
  resume(): void {
    this.#refuses = false;
    this.#stalled = null;
    for (const link of this.#links) link.resume();
  }

  /** Closes every connection and stops listening. */
  async close(): Promise<void> {
    this.refuse();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    if (this.#refuses) {
      client.destroy();
      return;
    }
    const link = new Link(client, connect(this.#target.port, this.#target.host), () => this.#links.delete(link));
    this.#links.add(link);
    if (this.#stalled) link.stall(this.#stalled);
  }
}

/** The two sockets of one client. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;

  constructor(client: Socket, server: Socket, onClose: () => void) {
    this.#client = client;
    this.#server = server;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      // Not pipe(): it would resume a paused socket whenever the other one drains. Tests send little, so no back-pressure is needed.
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        // What was received before the end is still delivered.
        to.end();
        onClose();
      });
    }
  }

  stall(direction: Direction): void {
    if (direction !== 'down') this.#client.pause();
    if (direction !== 'up') this.#server.pause();
  }

  resume(): void {
    this.#client.resume();
    this.#server.resume();
  }

  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }
}

function addressOf(url: string, defaultPort: number): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || defaultPort) };
}
