import { AsyncLocalStorage } from 'node:async_hooks';

/** The context of a request, an event or a job. It is passed on in log lines, HTTP calls and events. */
export interface WorkContext {
  correlationId: string;
  /** W3C Trace Context, passed on unchanged. */
  traceparent?: string | undefined;
}

const storage = new AsyncLocalStorage<WorkContext>();

const CORRELATION_ID = /^[\w.:/+=-]{1,128}$/;
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** A correlation id that came with a request or an event; undefined for anything that should not be written to logs and headers. */
export function validCorrelationId(given: unknown): string | undefined {
  return typeof given === 'string' && CORRELATION_ID.test(given) ? given : undefined;
}

/** As validCorrelationId, for a traceparent. */
export function validTraceparent(given: unknown): string | undefined {
  return typeof given === 'string' && TRACEPARENT.test(given) ? given : undefined;
}

/** The current context; undefined outside of one. */
export function currentContext(): WorkContext | undefined {
  return storage.getStore();
}

/** Runs `fn`, and all asynchronous work that it starts, in this context. */
export function runInContext<T>(context: WorkContext, fn: () => T): T {
  return storage.run(context, fn);
}
