/** A function that calls `fn` at most once in each interval, for log lines that a stranger could cause in any number. */
export function atMostEvery<Args extends unknown[]>(intervalMs: number, fn: (...args: Args) => void): (...args: Args) => void {
  let calledAt = -Infinity;
  return (...args) => {
    if (performance.now() - calledAt < intervalMs) return;
    calledAt = performance.now();
    fn(...args);
  };
}
