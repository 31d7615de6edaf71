import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small HTTP server beside the application. */
export interface PlainServer {
  port: number;
  /** Closes every connection, too. */
  close(): Promise<void>;
}

/** Listens on an address, port 0 for any free one; rejects when the port is in use. */
export async function startPlainServer(listener: RequestListener, host: string, port: number): Promise<PlainServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
