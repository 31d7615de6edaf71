/**
 * Calls `first` when the command is asked to stop, and `second` when it is asked again.
 * Asked means: Ctrl-C, SIGTERM, a closed terminal, or the death of the process that started this one.
 */
export function onStopRequest(handlers: { first: () => void; second: () => void }): void {
  let askedAt: number | null = null;
  const ask = () => {
    if (askedAt === null) {
      askedAt = Date.now();
      handlers.first();
    } else if (Date.now() - askedAt > 1000) {
      handlers.second(); // npm passes a Ctrl-C on that the terminal has delivered already: one request, two signals
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
  process.on('disconnect', ask);
  if (process.env.npm_lifecycle_event) watchNpm(ask);
}

/** npm does not tell its script when it is killed; the script then has another parent. */
function watchNpm(ask: () => void): void {
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    ask();
  }, 500);
  timer.unref();
}
