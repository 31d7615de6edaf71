import { once } from 'node:events';
import { UserError, progress } from '../progress.ts';

/**
 * Is aborted at the first request to stop: Ctrl-C, SIGTERM, a closed terminal, or the end of the process that started this one. The next
 * request calls `killNow` and ends this process.
 */
export function stopSignal(killNow: () => void = () => {}): AbortSignal {
  const stopping = new AbortController();
  let requestedAt = 0;
  const request = () => {
    if (requestedAt === 0) {
      requestedAt = Date.now();
      progress('stopping; a second Ctrl-C kills everything at once');
      stopping.abort(new UserError('stopped'));
    } else if (Date.now() - requestedAt > 1000) {
      // npm forwards a Ctrl-C that the terminal has delivered already: one request, two signals
      killNow();
      process.exit(1); // the reaper ends what still runs
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, request);
  process.on('disconnect', request);
  if (process.env.npm_lifecycle_event) watchParent(request);
  return stopping.signal;
}

/** npm cannot tell its script that it was killed; the script then has another parent. */
function watchParent(request: () => void): void {
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    request();
  }, 500);
  timer.unref();
}

/** Waits for the signal, then fails with its reason. */
export async function untilAborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}

/** For a process that stops a system while it uses it: what is in progress then loses its connections, and its errors mean nothing. */
export function ignoreErrorsAfter(signal: AbortSignal): void {
  signal.addEventListener('abort', () => {
    for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => {});
  });
}
