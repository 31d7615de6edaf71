import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server whose open connections can fall silent without ending, as when a host or a network is gone. New ones work. */
export class SilentProxy {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((inside) => {
    const outside = connect(this.port, this.host);
    this.#join(inside, outside);
    this.#join(outside, inside);
  });

  private constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  static async start(host: string, port: number): Promise<SilentProxy> {
    const proxy = new SilentProxy(host, port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get ownPort(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Nothing goes either way over what is open now. */
  silence(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk) => to.write(chunk));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
