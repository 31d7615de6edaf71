// A small process that ends what a command has started, when the command itself cannot: after `kill -9`, for example.
// Lines on stdin name the processes. When stdin closes, the command has ended: the reaper ends every process that still runs, first the
// services (they need the infrastructure to finish their work), then the infrastructure.
import { createInterface } from 'node:readline';
import { endProcess } from './identity.ts';
import type { ReaperMessage, WatchedProcess } from './reaper-client.ts';

const watched = new Map<number, WatchedProcess>();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {}); // only the command decides

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line) as ReaperMessage;
  if ('watch' in message) watched.set(message.watch.pid, message.watch);
  else watched.delete(message.unwatch);
}

for (const kind of ['service', 'infrastructure']) {
  const orphans = [...watched.values()].filter((one) => one.kind === kind);
  await Promise.all(orphans.map((one) => endProcess(one, one.stopSignal)));
}
