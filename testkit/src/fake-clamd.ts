import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** The test file that every scanner reports; in two parts, so that no scanner reports this source. */
export const EICAR = String.raw`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-` + 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*';

/** What the server does with a file instead of scanning it. */
export type ClamdFault = 'silent' | 'closes' | 'error';

/** clamd, as far as INSTREAM needs it: it finds the EICAR test file anywhere in a stream, and refuses a stream above its limit, as clamd does. */
export class FakeClamd {
  /** The lengths of the streams that were scanned. */
  readonly scanned: number[] = [];
  /** For the next connections. */
  readonly faults: ClamdFault[] = [];
  /** How many bytes it has read of streams so far. */
  bytesRead = 0;
  maxStreamBytes = Infinity;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#serve(socket));
  }

  /** On a free port of 127.0.0.1, or on a Unix socket. */
  static async start(path?: string): Promise<FakeClamd> {
    const server = createServer();
    await new Promise<void>((resolve) => (path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve)));
    return new FakeClamd(server);
  }

  get address(): string {
    const address = this.#server.address();
    return typeof address === 'string' ? `unix:${address}` : `tcp://127.0.0.1:${(address as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    const fault = this.faults.shift();
    if (fault === 'closes') return void socket.destroy();
    if (fault === 'error') return void socket.end('stream: no such scanner ERROR\0');
    let waiting = Buffer.alloc(0);
    let hasCommand = false;
    let bytes = 0;
    // Long enough to have the test file in it, however the stream is cut.
    let tail = '';
    let found = false;
    socket.on('data', (part) => {
      this.bytesRead += part.length;
      waiting = Buffer.concat([waiting, part]);
      if (!hasCommand) {
        const end = waiting.indexOf(0);
        if (end < 0) return;
        if (waiting.toString('latin1', 0, end) !== 'zINSTREAM') return void socket.end('UNKNOWN COMMAND\0');
        hasCommand = true;
        waiting = waiting.subarray(end + 1);
      }
      while (waiting.length >= 4) {
        const length = waiting.readUInt32BE();
        if (length === 0) {
          this.scanned.push(bytes);
          if (fault !== 'silent') socket.end(found ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0');
          return;
        }
        if (waiting.length < 4 + length) return;
        bytes += length;
        if (bytes > this.maxStreamBytes) return void socket.end('INSTREAM size limit exceeded. ERROR\0');
        tail = (tail + waiting.toString('latin1', 4, 4 + length)).slice(-(length + EICAR.length));
        found ||= tail.includes(EICAR);
        waiting = waiting.subarray(4 + length);
      }
    });
  }
}
