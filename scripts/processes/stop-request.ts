/**
 * Calls `first` at the first request to stop, and `second` at the next one.
 * A request is Ctrl-C, SIGTERM, a closed terminal, or the end of the process that started this one.
 */
export function onStopRequest(handlers: { first: () => void; second: () => void }): void {
  let requestedAt: number | null = null;
  const request = () => {
    if (requestedAt === null) {
      requestedAt = Date.now();
      handlers.first();
    } else if (Date.now() - requestedAt > 1000) {
      handlers.second(); // npm forwards a Ctrl-C that the terminal has delivered already: one request, two signals
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, request);
  process.on('disconnect', request);
  if (process.env.npm_lifecycle_event) watchNpm(request);
}

/** npm cannot tell its script that it was killed; the script then has another parent. */
function watchNpm(request: () => void): void {
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    request();
  }, 500);
  timer.unref();
}
