import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestUser } from '@chat/testkit/user';
import {
  checkDirectHistory,
  checkGroupHistory,
  unnoticedDropsInDirectConversation,
  unnoticedDropsInGroup,
} from './histories/check-history.ts';
import { Client } from './histories/client.ts';
import { randomFrom } from '@chat/testkit/random';
import { gateway } from './kit/gateway.ts';

const HISTORIES = 40;
const OPERATIONS = 25;
const USERS = 4;

const client = gateway();
let members: Client[] = [];
/** Each has a direct conversation with each other one once, in which they may block each other; they are in no group. */
let others: Client[] = [];

async function connect(count: number): Promise<Client[]> {
  const users = await Promise.all(Array.from({ length: count }, (_, n) => TestUser.register(client, `user${n}`)));
  const clients = users.map((user) => new Client(user));
  await Promise.all(clients.map((one) => one.opened()));
  return clients;
}

beforeAll(async () => {
  [members, others] = await Promise.all([connect(USERS), connect(USERS)]);
});
afterAll(async () => {
  await Promise.all([...members, ...others].map((one) => one.close()));
  await client.close();
});

const unrecovered = () => [...members, ...others].filter((one) => one.unrecovered > 0).length;

it('what users know from events alone is what the queries answer, after random histories of groups with disconnects', async () => {
  const seed = Date.now() % 2 ** 31;
  const histories = Array.from({ length: HISTORIES }, (_, n) => checkGroupHistory(members, randomFrom(seed + n), OPERATIONS));
  const differences = (await Promise.all(histories)).flat();
  expect(differences, `seed ${seed}`).toEqual([]);
  expect(unrecovered()).toBe(0);
});

it('so is what users know of their direct conversation, in which they block each other at times', async () => {
  const seed = Date.now() % 2 ** 31;
  const pairs = others.slice(1).map((user) => [others[0]!, user]);
  const histories = pairs.map((pair, n) => checkDirectHistory(pair, randomFrom(seed + n), OPERATIONS));
  const differences = (await Promise.all(histories)).flat();
  expect(differences, `seed ${seed}`).toEqual([]);
  expect(unrecovered()).toBe(0);
});

it('the comparison notices when the events of any one type are missing', async () => {
  expect(await unnoticedDropsInGroup(members, randomFrom(1))).toEqual([]);
  expect(await unnoticedDropsInDirectConversation(others.slice(2), randomFrom(1))).toEqual([]);
});
