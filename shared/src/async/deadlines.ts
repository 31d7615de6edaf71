/** Work did not finish in time. `isTransient` is true of it. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';

  constructor(readonly timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

/** The outcome of the work; rejects with TimeoutError when it takes longer. The work itself goes on: its late outcome is ignored. */
export async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TimeoutError(timeoutMs)), timeoutMs);
  try {
    return await firstOf(work, late);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until the work has settled, but no longer than `timeoutMs`. Never rejects: its errors are handled elsewhere. */
export async function waitAtMost(timeoutMs: number, work: Promise<unknown> | undefined): Promise<void> {
  if (work) await withTimeout(work, timeoutMs).catch(() => undefined);
}

/** The outcome of the work; rejects with the signal's reason when that is aborted first. The work itself goes on. */
export async function rejectOnAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  try {
    return await firstOf(work, aborted);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Sleeps; ends early, without an error, when the signal is aborted. */
export async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Whichever settles first; the other one never becomes an unhandled rejection. */
function firstOf<T>(work: Promise<T>, other: Promise<never>): Promise<T> {
  work.catch(() => undefined);
  other.catch(() => undefined);
  return Promise.race([work, other]);
}
