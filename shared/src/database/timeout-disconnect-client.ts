import { Client, type ClientConfig } from 'pg';

/**
 * Closes a connection on which a statement got no answer within the client's timeout: its server may have disappeared without closing it. The
 * pool then opens a new one; otherwise TypeORM would use the broken one again, until the operating system gives it up 15 minutes later.
 */
export class TimeoutDisconnectClient extends Client {
  constructor(config?: ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => {
      const answer = query(...args);
      if (answer instanceof Promise) answer.catch((error: unknown) => this.#closeAfterTimeout(error));
      return answer;
    }) as typeof this.query;
  }

  #closeAfterTimeout(error: unknown): void {
    // The error of pg after `query_timeout`; an error of the server is an answer.
    if (error instanceof Error && error.message === 'Query read timeout') this.connection.stream.destroy();
  }
}
