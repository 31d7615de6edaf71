import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Behaviour = 'answers' | 'fails once' | 'fails' | 'is silent' | 'redirects';

/** A fake server of the range API of Pwned Passwords, with breaches that a test sets. */
export class RangeService {
  /** The received requests. */
  readonly requests: IncomingMessage[] = [];
  behaviour: Behaviour = 'answers';
  readonly #counts = new Map<string, number>();
  readonly #server = createServer((request, response) => this.#answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  breach(password: string, count: number): void {
    this.#counts.set(sha1(password), count);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(request);
    const { behaviour } = this;
    if (behaviour === 'is silent') return;
    if (behaviour === 'redirects') return void response.writeHead(302, { location: '/elsewhere' }).end();
    if (behaviour !== 'answers') {
      if (behaviour === 'fails once') this.behaviour = 'answers';
      return void response.writeHead(503).end();
    }
    const prefix = /^\/range\/([0-9A-F]{5})$/.exec(request.url ?? '')?.[1];
    if (prefix === undefined) return void response.writeHead(400).end('The hash format was not valid');
    const found = [...this.#counts].filter(([hash]) => hash.startsWith(prefix)).map(([hash, count]) => `${hash.slice(5)}:${count}`);
    response.end(['0'.repeat(35) + ':3', ...found, 'F'.repeat(35) + ':0'].join('\r\n'));
  }
}

export const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase();
