import { BaseRpcContext, BaseRpcExceptionFilter } from '@nestjs/microservices';
import { throwError } from 'rxjs';
import type { EntityManager } from 'typeorm';

/** The context of an event handler: `@Ctx() context: EventContext`. */
export class EventContext extends BaseRpcContext<[EntityManager]> {
  constructor(
    /** The manager of the transaction that also stores the inbox row and the position. The handler writes everything through it. */
    readonly manager: EntityManager,
    private readonly callbacks: (() => void)[],
  ) {
    super([manager]);
  }

  /** Calls `callback` after the commit, for example to wake the outbox relay; not at all if the transaction is rolled back. It must not throw. */
  afterCommit(callback: () => void): void {
    this.callbacks.push(callback);
  }
}

/**
 * Nest replaces every error of a handler by `{ status: 'error', message: 'Internal server error' }`, and logs it. Whether a record is retried
 * or given up depends on the error itself, so for events it is passed on unchanged.
 */
const answerGenerically = BaseRpcExceptionFilter.prototype.catch;
BaseRpcExceptionFilter.prototype.catch = function passOnEventErrors(error, host) {
  const context: unknown = host.switchToRpc().getContext();
  return context instanceof EventContext ? throwError(() => error) : answerGenerically.call(this, error, host);
};
