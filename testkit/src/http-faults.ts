import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a fake server does with the next request, instead of answering it. */
export type HttpFault = 'unavailable' | 'reset' | 'silent';

/** The faults of a fake server: each applies to one request, in order. */
export class HttpFaults {
  readonly #next: HttpFault[] = [];

  add(...faults: HttpFault[]): void {
    this.#next.push(...faults);
  }

  /** True if the request has its answer, or never gets one. */
  apply(request: IncomingMessage, response: ServerResponse): boolean {
    const fault = this.#next.shift();
    if (fault === undefined) return false;
    if (fault === 'reset') request.socket.destroy();
    if (fault === 'unavailable') {
      request.resume();
      response.writeHead(503).end();
    }
    return true;
  }
}
