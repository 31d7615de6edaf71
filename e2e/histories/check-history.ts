import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './client.ts';
import { ClientState, EVENT_TYPES, type EventType } from './client-state.ts';
import { createDirectConversation, DirectHistory } from './direct-history.ts';
import { createGroup, GroupHistory } from './group-history.ts';
import type { Random } from '@chat/testkit/random';
import type { RandomHistory } from './random-history.ts';
import { canonical, loadSnapshot } from './snapshot.ts';

/** Receipts are published up to some seconds later, and a cut stream is opened again after a moment. */
const EQUAL_WITHIN_MS = 60_000;

/**
 * Lets users do random things in a group of their own, and waits until what each of them knows from events alone is what the queries answer.
 * Returns what stayed different.
 */
export async function checkGroupHistory(users: Client[], random: Random, operations: number): Promise<string[]> {
  const founders = users.slice(0, 2 + random(users.length - 1));
  const groupId = await createGroup(founders[0]!, founders.slice(1));
  return await check(new GroupHistory(groupId, users, random), groupId, users, operations);
}

/** The same with two users that have no direct conversation yet. */
export async function checkDirectHistory(users: Client[], random: Random, operations: number): Promise<string[]> {
  const conversationId = await createDirectConversation(users);
  return await check(new DirectHistory(conversationId, users, random), conversationId, users, operations);
}

async function check(history: RandomHistory, conversationId: string, users: Client[], operations: number): Promise<string[]> {
  const states = new Map(users.map((client) => [client, new ClientState(client.user.userId)]));
  for (const [client, state] of states) client.follow(conversationId, [state]);
  await history.run(operations);
  const differences = await Promise.all([...states].map(([client, state]) => difference(client, conversationId, state)));
  for (const client of users) client.unfollow(conversationId);
  return differences.filter((text) => text !== null);
}

/** The types of events whose absence in a group was not noticed. */
export async function unnoticedDropsInGroup(users: Client[], random: Random): Promise<EventType[]> {
  const groupId = await createGroup(users[0]!, users.slice(1));
  return await unnoticedDrops(new GroupHistory(groupId, users, random), groupId, users[1]!, EVENT_TYPES);
}

/** The same in the first direct conversation of two users, where ConversationUpdated says that the user muted it. */
export async function unnoticedDropsInDirectConversation(users: Client[], random: Random): Promise<EventType[]> {
  const types = EVENT_TYPES.filter((type) => type !== 'MembersChanged');
  const conversationId = await createDirectConversation(users);
  return await unnoticedDrops(new DirectHistory(conversationId, users, random), conversationId, users[1]!, types);
}

/**
 * Has an event of each type, and for each type a state that never gets it: returns the types whose absence was not noticed. As a later event may
 * have what an earlier one changed, the states are compared after each operation.
 */
async function unnoticedDrops(
  history: RandomHistory,
  conversationId: string,
  observer: Client,
  types: readonly EventType[],
): Promise<EventType[]> {
  const complete = new ClientState(observer.user.userId);
  const unnoticed = new Map(types.map((type) => [type, new ClientState(observer.user.userId, type)]));
  observer.follow(conversationId, [complete, ...unnoticed.values()]);
  const compare = async () => {
    const different = await difference(observer, conversationId, complete);
    if (different !== null) throw new Error(`nothing was dropped, and yet: ${different}`);
    for (const [type, state] of unnoticed) if (canonical(state.snapshot()) !== canonical(complete.snapshot())) unnoticed.delete(type);
  };
  await compare();
  for await (const _ of history.everyKind()) await compare();
  observer.unfollow(conversationId);
  return [...unnoticed.keys()];
}

async function difference(client: Client, conversationId: string, state: ClientState): Promise<string | null> {
  const until = Date.now() + EQUAL_WITHIN_MS;
  for (;;) {
    const loaded = canonical(await loadSnapshot(client.user, conversationId));
    const known = canonical(state.snapshot());
    if (known === loaded) return null;
    if (Date.now() > until) return `conversation ${conversationId}, ${client.user.username}: events say ${known}, queries say ${loaded}`;
    await sleep(500);
  }
}
