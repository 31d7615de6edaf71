// A small process of its own that outlives the starter by a moment, to end what the starter began, also after `kill -9` of the starter.
// It is told by lines on stdin which processes to watch. When stdin closes the starter is gone: whatever is still on the list is ended,
// the services first (they still need the infrastructure to finish their work), then the infrastructure.
import { createInterface } from 'node:readline';
import { endProcess } from './identity.ts';
import type { WatchedProcess } from './reaper-client.ts';

const watched = new Map<number, WatchedProcess>();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {}); // only the starter decides

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line) as { watch: WatchedProcess } | { unwatch: number };
  if ('watch' in message) watched.set(message.watch.pid, message.watch);
  else watched.delete(message.unwatch);
}

const left = [...watched.values()];
await endAll(left.filter((one) => one.kind === 'service'));
await endAll(left.filter((one) => one.kind === 'infrastructure'));

async function endAll(processes: WatchedProcess[]): Promise<void> {
  await Promise.all(processes.map((one) => endProcess(one, one.stopSignal)));
}
