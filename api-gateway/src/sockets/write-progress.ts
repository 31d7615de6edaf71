import type { Socket } from 'node:net';

const CHECK_MS = 250;

/**
 * Calls `onStalled` when the other end has read nothing for the time. The time counts from the last byte and not from the beginning of a write,
 * because a client on a slow network may take longer for one large answer. Returns a function that stops watching.
 */
export function watchProgress(socket: Socket, timeoutMs: number, onStalled: () => void): () => void {
  let lastSize = -1;
  let lastProgressAt = 0;
  const timer = setInterval(() => {
    const size = unwrittenBytes(socket);
    if (size !== lastSize) [lastSize, lastProgressAt] = [size, performance.now()];
    else if (performance.now() - lastProgressAt >= timeoutMs) onStalled();
  }, CHECK_MS);
  return () => clearInterval(timer);
}

/** Bytes that the operating system has not taken. `writableLength` counts a write until all of it is taken; Node's own timeouts use this number. */
function unwrittenBytes(socket: Socket): number {
  const { _handle } = socket as Socket & { _handle?: { writeQueueSize?: number } | null };
  return _handle?.writeQueueSize ?? socket.writableLength;
}
