import { UsageError } from './command.js';

/** Called with the reason why a server cannot be used yet. */
export type OnWaiting = (reason: string) => void;

/**
 * Waits for a server as long as an operator allows it. Each new reason is printed; after the timeout, it rejects with a UsageError that has
 * the last one. `wait` must end when the signal is aborted.
 */
export async function withinTimeout<T>(
  what: string,
  timeoutSeconds: number,
  wait: (onWaiting: OnWaiting, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  let lastReason = 'no answer';
  const onWaiting = (reason: string) => {
    if (reason !== lastReason) console.log(`waiting for ${what}: ${reason}`);
    lastReason = reason;
  };
  try {
    return await wait(onWaiting, signal);
  } catch (error) {
    // A wait that is aborted rejects with the reason of the signal, or with an AbortError.
    if (error !== signal.reason && (error as Error).name !== 'AbortError') throw error;
    throw new UsageError(`${what} could not be used within ${timeoutSeconds} s: ${lastReason}`, { cause: error });
  }
}
