import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './client.ts';
import { ClientState, EVENT_TYPES, type EventType } from './client-state.ts';
import { createGroup, RandomHistory, type Random } from './random-history.ts';
import { canonical, loadSnapshot } from './snapshot.ts';

/** Receipts are published up to some seconds later, and a cut stream is opened again after a moment. */
const EQUAL_WITHIN_MS = 60_000;

/**
 * Lets users do random things in a group of their own, and waits until what each of them knows from events alone is what the queries answer.
 * Returns what stayed different.
 */
export async function checkHistory(users: Client[], random: Random, operations: number): Promise<string[]> {
  const founders = users.slice(0, 2 + random(users.length - 1));
  const groupId = await createGroup(founders[0]!, founders.slice(1));
  const states = new Map(users.map((client) => [client, new ClientState(client.user.userId)]));
  for (const [client, state] of states) client.follow(groupId, [state]);
  await new RandomHistory(groupId, users, random).run(operations);
  const differences = await Promise.all([...states].map(([client, state]) => difference(client, groupId, state)));
  for (const client of users) client.unfollow(groupId);
  return differences.filter((text) => text !== null);
}

/**
 * Has an event of each type, and for each type a state that never gets it: returns the types whose absence was not noticed. As a later event may
 * have what an earlier one changed, the states are compared after each operation.
 */
export async function unnoticedDrops(users: Client[], random: Random): Promise<EventType[]> {
  const groupId = await createGroup(users[0]!, users.slice(1));
  const [, observer] = users as [Client, Client];
  const complete = new ClientState(observer.user.userId);
  const unnoticed = new Map(EVENT_TYPES.map((type) => [type, new ClientState(observer.user.userId, type)]));
  observer.follow(groupId, [complete, ...unnoticed.values()]);
  const compare = async () => {
    const different = await difference(observer, groupId, complete);
    if (different !== null) throw new Error(`nothing was dropped, and yet: ${different}`);
    for (const [type, state] of unnoticed) if (canonical(state.snapshot()) !== canonical(complete.snapshot())) unnoticed.delete(type);
  };
  await compare();
  for await (const _ of new RandomHistory(groupId, users, random).everyKind()) await compare();
  observer.unfollow(groupId);
  return [...unnoticed.keys()];
}

async function difference(client: Client, groupId: string, state: ClientState): Promise<string | null> {
  const until = Date.now() + EQUAL_WITHIN_MS;
  for (;;) {
    const loaded = canonical(await loadSnapshot(client.user, groupId));
    const known = canonical(state.snapshot());
    if (known === loaded) return null;
    if (Date.now() > until) return `group ${groupId}, ${client.user.username}: events say ${known}, queries say ${loaded}`;
    await sleep(500);
  }
}
