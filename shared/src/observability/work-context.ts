import { AsyncLocalStorage } from 'node:async_hooks';

/** What belongs to the request, event or job that is being worked on; it follows through logs, HTTP calls and events. */
export interface WorkContext {
  correlationId: string;
  /** W3C trace context, passed on as it came. */
  traceparent?: string | undefined;
}

const storage = new AsyncLocalStorage<WorkContext>();

/** The context of the work going on; undefined outside of any. */
export function currentContext(): WorkContext | undefined {
  return storage.getStore();
}

/** Runs `fn`, and everything it starts, in this context. */
export function runInContext<T>(context: WorkContext, fn: () => T): T {
  return storage.run(context, fn);
}
