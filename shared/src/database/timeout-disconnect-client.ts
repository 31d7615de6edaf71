import { Client, type ClientConfig } from 'pg';

/**
 * A connection on which a statement was not answered at all is of no use any more: its server may be gone without a word. It is ended, so
 * that its pool makes a new one; TypeORM would give it to the next who asks, until the system gives it up a quarter of an hour later.
 */
export class TimeoutDisconnectClient extends Client {
  constructor(config?: ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => {
      const answer = query(...args);
      if (answer instanceof Promise) answer.catch((error: unknown) => this.#endIfSilent(error));
      return answer;
    }) as typeof this.query;
  }

  #endIfSilent(error: unknown): void {
    // What pg says when `query_timeout` has passed; an error of the server is an answer.
    if (error instanceof Error && error.message === 'Query read timeout') this.connection.stream.destroy();
  }
}
