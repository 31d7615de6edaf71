import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { GraphqlClient } from '@chat/testkit/graphql-client';
import { TestUser } from '@chat/testkit/user';
import type { System } from '../scripts/system.ts';
import { openEvents } from './open-events.ts';

const SOCKETS = Number(process.env['BENCH_IDLE_SOCKETS'] ?? 3_000);
const USERS = 300;

/** Resident memory of a process in bytes, from /proc. */
function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? Number.NaN) * 1024;
}

/** Opens many idle `events` subscriptions, and prints how much memory of the gateway each one takes. */
export async function measureIdleSubscriptions(client: GraphqlClient, system: System): Promise<void> {
  const pid = system.services['api-gateway'].pid;
  if (process.platform !== 'linux' || pid === null) {
    console.log('\nMemory per idle subscription: measured on Linux only.');
    return;
  }
  const users: TestUser[] = [];
  for (let n = 0; n < USERS; n += 1) users.push(await TestUser.register(client, 'idle'));
  const sockets: WebSocket[] = [];
  const open = async (count: number) => {
    while (sockets.length < count) {
      const some = Array.from({ length: 50 }, (_, n) => openEvents(users[(sockets.length + n) % USERS] as TestUser, () => undefined));
      sockets.push(...(await Promise.all(some)));
    }
    await sleep(3_000);
  };
  // The first thousand are the warm-up; the memory of each further one is measured.
  await open(1_000);
  const before = residentBytes(pid);
  await open(1_000 + SOCKETS);
  const after = residentBytes(pid);
  console.log(
    `\nMemory per idle subscription: ${((after - before) / SOCKETS / 1024).toFixed(1)} KiB of the gateway (${SOCKETS} more sockets, ${(before / 2 ** 20).toFixed(0)} → ${(after / 2 ** 20).toFixed(0)} MiB).`,
  );
  for (const socket of sockets) {
    socket.removeAllListeners('close');
    socket.terminate();
  }
}
