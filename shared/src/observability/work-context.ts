import { AsyncLocalStorage } from 'node:async_hooks';

/** The context of a request, an event or a job. It is passed on in log lines, HTTP calls and events. */
export interface WorkContext {
  correlationId: string;
  /** W3C Trace Context, passed on unchanged. */
  traceparent?: string | undefined;
}

const storage = new AsyncLocalStorage<WorkContext>();

/** The current context; undefined outside of one. */
export function currentContext(): WorkContext | undefined {
  return storage.getStore();
}

/** Runs `fn`, and all asynchronous work that it starts, in this context. */
export function runInContext<T>(context: WorkContext, fn: () => T): T {
  return storage.run(context, fn);
}
