/**
 * `npm run prove:histories [-- histories [seed]]`: state equals events. In 10,000 random histories, users create groups, send, edit, delete, react,
 * read, mute, join, leave and change roles and titles, with disconnects in between; every tenth history is that of a direct conversation, whose users
 * block each other at times. What each of them knows from `events` alone must equal what the queries answer in the end. First it is shown that the
 * comparison notices when the events of any one type are missing.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TestUser } from '@chat/testkit/user';
import {
  checkDirectHistory,
  checkGroupHistory,
  unnoticedDropsInDirectConversation,
  unnoticedDropsInGroup,
} from '../histories/check-history.ts';
import { Client } from '../histories/client.ts';
import { randomFrom } from '@chat/testkit/random';
import { runProof } from './run-proof.ts';

const HISTORIES = Number(process.argv[2] ?? 10_000);
const SEED = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const OPERATIONS = 25;
const TEAMS = 12;
const USERS = 4;
/** Histories of a team at the same time: most of a history is waiting for the last receipts. */
const AT_ONCE = 7;
const REPORT_EVERY = 500;
const DIRECT_EVERY = 10;
/** They must not log an error: nothing is stopped here. */
const SERVICES_OF_MESSAGES = ['api-gateway', 'chat-service', 'notification-service'];

const what = `state equals events in ${HISTORIES} random histories, seed ${SEED}`;
// The users sign in once.
const env = { JWT_EXPIRATION: '86400' };

await runProof({ what, env }, async ({ system, client }) => {
  const startedAt = new Date().toISOString();
  const teams: Client[][] = [];
  for (let team = 0; team < TEAMS; team += 1) {
    const users = await Promise.all(Array.from({ length: USERS }, (_, n) => TestUser.register(client, `user${n}`)));
    teams.push(users.map((user) => new Client(user)));
  }
  const everyMember = teams.flat();
  await Promise.all(everyMember.map((member) => member.opened()));

  const pairs = pairsOf(teams);
  const unnoticed = [
    ...(await unnoticedDropsInGroup(teams[0]!, randomFrom(SEED))),
    ...(await unnoticedDropsInDirectConversation(pairs.pop()!, randomFrom(SEED))),
  ];
  console.log(
    unnoticed.length === 0 ? 'A dropped event of any type is noticed.' : `Not noticed that these are dropped: ${unnoticed.join(', ')}`,
  );

  const differences: string[] = [];
  let begun = 0;
  let ended = 0;
  let direct = 0;
  const worker = async (users: Client[]) => {
    while (begun < HISTORIES) {
      begun += 1;
      const random = randomFrom(SEED + begun);
      const pair = begun % DIRECT_EVERY === 0 ? pairs.pop() : undefined;
      if (pair) direct += 1;
      differences.push(...(await (pair ? checkDirectHistory(pair, random, OPERATIONS) : checkGroupHistory(users, random, OPERATIONS))));
      ended += 1;
      if (ended % REPORT_EVERY === 0) console.log(`${ended} histories, ${differences.length} differences`);
    }
  };
  await Promise.all(teams.flatMap((users) => Array.from({ length: AT_ONCE }, () => worker(users))));
  for (const difference of differences.slice(0, 10)) console.log(difference);
  const unrecovered = everyMember.reduce((sum, member) => sum + member.unrecovered, 0);
  console.log(
    `${ended} histories of ${OPERATIONS} operations, ${direct} of them in direct conversations, ${differences.length} differences, ${unrecovered} streams not recovered`,
  );
  await Promise.all(everyMember.map((member) => member.close()));
  const errors = SERVICES_OF_MESSAGES.flatMap((service) => errorLines(path.join(system.logDir, `${service}.log`), startedAt));
  if (errors.length > 0) console.log(`${errors.length} errors in the logs, such as ${errors[0]}`);
  return unnoticed.length === 0 && differences.length === 0 && unrecovered === 0 && errors.length === 0;
});

/** Those after the start, during which Kafka may not be ready. */
function errorLines(file: string, since: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"level":"error"') && JSON.parse(line).time >= since);
}

/** Pairs of users of different teams, each once: a block between them does not keep them out of the groups of their teams. */
function pairsOf(teams: Client[][]): Client[][] {
  return teams.flatMap((team, n) => teams.slice(n + 1).flatMap((other) => team.flatMap((user) => other.map((peer) => [user, peer]))));
}
