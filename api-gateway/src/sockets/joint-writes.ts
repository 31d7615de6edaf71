import type { Writable } from 'node:stream';

const waiting: Writable[] = [];

/**
 * What is written to this connection from now until the end of this turn of the event loop goes out with one system call, which costs a
 * delivery more than everything else. When members of busy groups get several events in a turn, each of their sockets is written once.
 */
export function writeJointly(connection: Writable): void {
  if (connection.writableCorked > 0) return;
  if (waiting.length === 0) setImmediate(writeAll);
  connection.cork();
  waiting.push(connection);
}

function writeAll(): void {
  for (const connection of waiting.splice(0)) connection.uncork();
}
