/**
 * `npm run bench:user-search [-- users]`: searches for users among so many (default 1,000,000, a tenth of them private). Starts a system of its own,
 * generates the profiles with SQL, waits until they are indexed, and sends queries of several kinds, one at a time. What a rare query finds is compared
 * with a full scan. Prints Markdown with the plans of the statements, and fails on a difference, or if a 95th percentile is above 50 ms.
 * BENCH_QUERIES (default 300) is the number of queries of each kind.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GraphqlClient } from '@chat/testkit/graphql-client';
import { TestUser } from '@chat/testkit/user';
import { Client } from 'pg';
import { main } from '../scripts/progress.ts';
import type { System } from '../scripts/system.ts';
import { withTemporarySystem } from '../scripts/temporary-system.ts';
import { percentile } from './percentiles.ts';
import { QueryPlans } from './query-plans.ts';
import { type GeneratedNames, NameGenerator } from './user-names.ts';

const USERS = Number(process.argv[2] ?? 1_000_000);
const QUERIES = Number(process.env['BENCH_QUERIES'] ?? 300);
const ROWS_PER_INSERT = 10_000;
const LIMIT = 20;
const TARGET_MS = 50;
/** Members of each of the conversations of the user that searches. */
const CONVERSATIONS = [2, 2, 2, 2, 2, 10, 10, 100, 1000, 1000];
const SEARCH = 'query ($query: String!, $limit: Int!) { searchUsers(query: $query, limit: $limit) { userId username firstName lastName } }';

interface GeneratedUser extends GeneratedNames {
  userId: string;
  isVisible: boolean;
}

/** The comparison of names, written independently of the search: in lower case and without accents. */
const comparable = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();

async function generateUsers(sql: Client, generator: NameGenerator, me: string): Promise<GeneratedUser[]> {
  const users: GeneratedUser[] = [];
  while (users.length < USERS) {
    const batch = Array.from({ length: Math.min(ROWS_PER_INSERT, USERS - users.length) }, (_, n) => {
      const index = users.length + n;
      return { userId: randomUUID(), isVisible: index % 10 !== 5, ...generator.next(generator.int(10) + 10 * index) };
    });
    await sql.query(
      `insert into profiles (id, user_id, username, first_name, last_name, is_public, created_at, updated_at)
         select gen_random_uuid(), user_id, username, first_name, last_name, is_public, now(), now()
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::boolean[]) u (user_id, username, first_name, last_name, is_public)`,
      [
        batch.map((u) => u.userId),
        batch.map((u) => u.username),
        batch.map((u) => u.firstName),
        batch.map((u) => u.lastName),
        batch.map((u) => u.isVisible),
      ],
    );
    users.push(...batch);
  }
  for (const size of CONVERSATIONS) {
    const members = Array.from({ length: size - 1 }, () => users[generator.int(users.length)]!);
    for (const member of members) member.isVisible = true;
    await sql.query('insert into conversation_members (user_id, conversation_id) select distinct unnest($1::uuid[]), $2::uuid', [
      [me, ...members.map(({ userId }) => userId)],
      randomUUID(),
    ]);
  }
  return users;
}

/** Waits until all names are indexed; returns the seconds. */
async function untilIndexed(sql: Client): Promise<number> {
  const startedAt = performance.now();
  while ((await sql.query('select 1 from profile_search_changes limit 1')).rows.length > 0) await sleep(500);
  return (performance.now() - startedAt) / 1000;
}

/** The ids of the users with a name that begins so, in any order. */
function fullScan(users: GeneratedUser[], query: string): string[] {
  const text = comparable(query);
  const begins = ({ username, firstName, lastName }: GeneratedNames) =>
    [username, `${firstName} ${lastName}`, `${lastName} ${firstName}`].some((name) => comparable(name).startsWith(text)) ||
    (/\p{Script=Han}/u.test(text) && `${lastName}${firstName}`.startsWith(text)) ||
    (/\p{Script=Han}/u.test(text) && firstName.slice(1).startsWith(text));
  return users.filter((user) => user.isVisible && begins(user)).map(({ userId }) => userId);
}

type MakeQuery = (user: GeneratedUser, n: number) => string;
const KINDS: Record<string, MakeQuery> = {
  'one character': ({ firstName }) => [...firstName][0]!,
  'one character that begins few or no names': (_, n) => ['%', '_', '\\', '0', '-', 'ß', 'ñ', '؟', '😀', 'ก'][n % 10]!,
  'two characters': ({ lastName, firstName }) => (lastName + firstName).slice(0, 2),
  'three to five characters': ({ firstName, lastName }, n) => `${n % 2 ? firstName : lastName}  `.slice(0, 3 + (n % 3)),
  'a full name': ({ firstName, lastName }) => `${firstName} ${lastName}`,
  'a user name': ({ username }) => username,
  nothing: ({ username }) => `zzqq${username}`,
};

async function measure(user: TestUser, users: GeneratedUser[], generator: NameGenerator): Promise<boolean> {
  console.log('| queries | p50 ms | p95 ms | p99 ms | highest | other than the full scan |\n| --- | --- | --- | --- | --- | --- |');
  let isGood = true;
  for (const [kind, queryOf] of Object.entries(KINDS)) {
    const times: number[] = [];
    let differing = 0;
    for (let n = -20; n < QUERIES; n++) {
      const query = queryOf(users[generator.int(users.length)]!, Math.abs(n));
      const startedAt = performance.now();
      const { searchUsers } = await user.mustAsk(SEARCH, { query, limit: LIMIT });
      const ms = performance.now() - startedAt;
      // The first ones fill caches. A full scan in this process takes a second.
      if (n >= 0) times.push(ms);
      if (n < 0 || n % 30 !== 0) continue;
      const found: string[] = searchUsers.map(({ userId }: { userId: string }) => userId);
      const all = new Set(fullScan(users, query));
      if (found.length === Math.min(LIMIT, all.size) && found.every((id) => all.has(id))) continue;
      differing += 1;
      console.log(`not equal: ${JSON.stringify(query)}: ${found.length} of ${all.size}`);
    }
    const shown = [50, 95, 99, 100].map((p) => percentile(times, p));
    isGood &&= differing === 0 && shown[1]! <= TARGET_MS;
    console.log(`| ${kind} | ${shown.map((ms) => ms.toFixed(1)).join(' | ')} | ${differing} of ${QUERIES / 30} |`);
  }
  return isGood;
}

async function bench(system: System, client: GraphqlClient, sql: Client): Promise<boolean> {
  await sql.query('set search_path = profile');
  const user = await TestUser.register(client, 'searcher');
  await user.mustAsk('{ getMyProfile { id } }');
  const generator = new NameGenerator(15);
  console.log(`Generating ${USERS} profiles …`);
  const users = await generateUsers(sql, generator, user.userId);
  const seconds = await untilIndexed(sql);
  await sql.query('vacuum analyze profiles, profile_search_terms, profile_search_changes, conversation_members');
  const { rows } = await sql.query(
    `select (select count(*) from profile_search_terms) as terms, pg_size_pretty(pg_total_relation_size('profiles')) as profiles,
       pg_size_pretty(pg_table_size('profile_search_terms')) as heap, pg_size_pretty(pg_indexes_size('profile_search_terms')) as indexes`,
  );
  const { terms, profiles, heap, indexes } = rows[0];
  console.log(
    `Indexed ${seconds.toFixed(0)} s after the last one was stored: ${terms} terms. Sizes: profiles ${profiles}, terms ${heap}, their indexes ${indexes}.\n`,
  );
  const isGood = await measure(user, users, generator);
  const plans = await QueryPlans.start(system, sql, 'profile-service', /profile_search_terms/);
  for (const query of ['b', 'no such user']) {
    console.log(`\nThe statements of ${JSON.stringify(query)}:\n`);
    for (const plan of await plans.of(() => user.mustAsk(SEARCH, { query, limit: LIMIT }))) console.log(`\`\`\`\n${plan}\n\`\`\``);
  }
  await plans.stop();
  return isGood;
}

await main(() =>
  withTemporarySystem({ env: { LOG_LEVEL: 'warn' } }, async (system) => {
    const client = new GraphqlClient(system.urls.graphql, 4);
    const sql = new Client({ connectionString: system.addresses.databaseUrl });
    // After an error the system is stopped first; that error is shown, not this one.
    sql.on('error', () => undefined);
    await sql.connect();
    if (!(await bench(system, client, sql))) process.exitCode = 1;
    await client.close();
    await sql.end();
  }),
);
