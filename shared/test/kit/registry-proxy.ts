import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy in front of the registry that simulates three kinds of outages, and can demand a user. */
export class RegistryProxy {
  fault: 'refuses' | 'hangs' | 'fails' | null = null;
  /** The Authorization header that every request must have. */
  authorization: string | undefined;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(target: string): Promise<RegistryProxy> {
    const { origin, pathname } = new URL(target);
    const holder: { proxy?: RegistryProxy } = {};
    const server = createServer((incoming, outgoing) => {
      const fault = holder.proxy?.fault;
      if (fault === 'hangs') return;
      if (fault === 'refuses') {
        incoming.socket.destroy();
        return;
      }
      if (fault === 'fails') {
        outgoing.writeHead(503).end('{"error_code":50301,"message":"not now"}');
        return;
      }
      const { method, headers, url } = incoming;
      if (holder.proxy?.authorization !== undefined && headers.authorization !== holder.proxy.authorization) {
        outgoing.writeHead(401).end('{"error_code":40101,"message":"Unauthorized"}');
        return;
      }
      const forwarded = request(new URL(url!, origin), { method, headers: { ...headers, host: new URL(origin).host } }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(forwarded);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    holder.proxy = new RegistryProxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`);
    return holder.proxy;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
