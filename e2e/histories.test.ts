import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestUser } from '@chat/testkit/user';
import { checkHistory, unnoticedDrops } from './histories/check-history.ts';
import { Client } from './histories/client.ts';
import { randomFrom } from './histories/random-history.ts';
import { gateway } from './kit/gateway.ts';

const HISTORIES = 40;
const OPERATIONS = 25;
const USERS = 4;

const client = gateway();
let members: Client[] = [];

beforeAll(async () => {
  const users = await Promise.all(Array.from({ length: USERS }, (_, n) => TestUser.register(client, `user${n}`)));
  members = users.map((user) => new Client(user));
  await Promise.all(members.map((member) => member.opened()));
});
afterAll(async () => {
  await Promise.all(members.map((member) => member.close()));
  await client.close();
});

it('what users know from events alone is what the queries answer, after random histories with disconnects', async () => {
  const seed = Date.now() % 2 ** 31;
  const histories = Array.from({ length: HISTORIES }, (_, n) => checkHistory(members, randomFrom(seed + n), OPERATIONS));
  const differences = (await Promise.all(histories)).flat();
  expect(differences, `seed ${seed}`).toEqual([]);
  expect(members.map(({ unrecovered }) => unrecovered)).toEqual(members.map(() => 0));
});

it('the comparison notices when the events of any one type are missing', async () => {
  expect(await unnoticedDrops(members, randomFrom(1))).toEqual([]);
});
