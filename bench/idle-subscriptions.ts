import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { GraphqlClient } from '@chat/testkit/graphql-client';
import { TestUser } from '@chat/testkit/user';
import type { System } from '../scripts/system.ts';
import { openEvents } from './open-events.ts';
import { residentBytesIn } from './proc.ts';

/** The first sockets are the warm-up; the memory of each further one is measured. */
const WARM_UP_SOCKETS = 1_000;
/** The limit of a user, MAX_SOCKETS_PER_USER. */
const SOCKETS_PER_USER = 20;

/** Waits until the memory stays the same for 10 s: the garbage of opening sockets is collected when there is time. At most two minutes. */
async function settled(residentBytes: () => number): Promise<void> {
  for (let round = 0, before = 0; round < 12; round += 1) {
    const now = residentBytes();
    if (Math.abs(now - before) < 2 ** 20) return;
    before = now;
    await sleep(10_000);
  }
}

/** Opens many idle `events` subscriptions, and prints how much memory of the gateway each one takes. */
export async function measureIdleSubscriptions(client: GraphqlClient, system: System, subscriptions: number): Promise<void> {
  const pid = system.services['api-gateway'].pid;
  if (process.platform !== 'linux' || pid === null) {
    console.log('\nMemory per idle subscription: measured on Linux only.');
    return;
  }
  const residentBytes = () => residentBytesIn(readFileSync(`/proc/${pid}/status`, 'utf8'));
  const users: TestUser[] = [];
  while (users.length * SOCKETS_PER_USER < WARM_UP_SOCKETS + subscriptions) users.push(await TestUser.register(client, 'idle'));
  const sockets: WebSocket[] = [];
  const open = async (count: number) => {
    while (sockets.length < count) {
      const some = Array.from({ length: Math.min(50, count - sockets.length) }, (_, n) =>
        openEvents(users[(sockets.length + n) % users.length] as TestUser, () => undefined),
      );
      sockets.push(...(await Promise.all(some)));
    }
    await settled(residentBytes);
  };
  await open(WARM_UP_SOCKETS);
  const before = residentBytes();
  await open(WARM_UP_SOCKETS + subscriptions);
  const after = residentBytes();
  console.log(
    `\nMemory per idle subscription: ${((after - before) / subscriptions / 1024).toFixed(1)} KiB of the gateway (${subscriptions} more sockets, ${(before / 2 ** 20).toFixed(0)} → ${(after / 2 ** 20).toFixed(0)} MiB).`,
  );
  for (const socket of sockets) {
    socket.removeAllListeners('close');
    socket.terminate();
  }
}
