import { BaseRpcContext, BaseRpcExceptionFilter } from '@nestjs/microservices';
import { throwError } from 'rxjs';
import type { EntityManager } from 'typeorm';

/** What a handler gets besides the event: `@Ctx() context: EventContext`. */
export class EventContext extends BaseRpcContext<[EntityManager]> {
  constructor(
    /** Of the transaction that also stores that the event was handled. Everything the handler writes goes through it. */
    readonly manager: EntityManager,
  ) {
    super([manager]);
  }
}

/**
 * Nest answers whatever a handler throws with `{ status: 'error', message: 'Internal server error' }`, and logs it on its own. Whether to
 * wait, to retry or to give a record up depends on the error itself, so for our events it is passed on as it is.
 */
const answerGenerically = BaseRpcExceptionFilter.prototype.catch;
BaseRpcExceptionFilter.prototype.catch = function passOnErrorsOfEvents(error, host) {
  const context: unknown = host.switchToRpc().getContext();
  return context instanceof EventContext ? throwError(() => error) : answerGenerically.call(this, error, host);
};
