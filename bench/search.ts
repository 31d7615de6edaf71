/**
 * `npm run bench:search [-- messages]`: searches of a user in so many messages (default 1,000,000). Starts a system of its own, generates the
 * messages with SQL, waits until they are indexed, and sends 500 queries for Chinese and 500 for Latin text, one at a time. Each answer is
 * compared with a full scan of the same messages. Prints Markdown, and fails on a difference. BENCH_CONVERSATIONS (default 200) and BENCH_QUERIES (of each kind) change the size.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GraphqlClient } from '@chat/testkit/graphql-client';
import { TestUser } from '@chat/testkit/user';
import { Client } from 'pg';
import type { ManagedProcess } from '../scripts/processes/managed-process.ts';
import { main } from '../scripts/progress.ts';
import { withTemporarySystem } from '../scripts/temporary-system.ts';
import { percentile } from './percentiles.ts';
import { TextGenerator } from './search-data.ts';

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
const MESSAGES = Number(process.argv[2] ?? 1_000_000);
const CONVERSATIONS = number('BENCH_CONVERSATIONS', 200);
const QUERIES = number('BENCH_QUERIES', 500);
const ROWS_PER_INSERT = 10_000;
const LIMIT = 20;
/** A message each ten seconds. */
const INTERVAL_MS = 10_000;
/** Up to so many hits, all pages are compared, otherwise the first one. */
const ALL_HITS = 1000;
const SEARCH =
  'query ($query: String!, $limit: Int!, $after: String) { searchMessages(query: $query, limit: $limit, after: $after) { data { id } nextCursor } }';

/** The comparison of texts that the search has to match, written independently of it. */
const comparable = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

interface Generated {
  ids: string[];
  /** Newest last, as `comparable` gives them; Chinese ones have an odd index. */
  texts: string[];
}

async function generateMessages(sql: Client, userId: string, generator: TextGenerator): Promise<Generated> {
  const generated: Generated = { ids: [], texts: [] };
  const groups = Array.from({ length: CONVERSATIONS }, () => ({ id: randomUUID(), seq: 0 }));
  await sql.query(
    `with created as (insert into conversations (id, kind, title, has_membership_record, created_by, created_at)
         select id, 'GROUP', 'Group', true, $2, '2020-01-01' from unnest($1::uuid[]) id returning id)
     insert into members (conversation_id, user_id, role, joined_at) select id, $2, 'OWNER', '2020-01-01' from created`,
    [groups.map(({ id }) => id), userId],
  );
  const startedAt = Date.UTC(2020, 0, 2);
  while (generated.ids.length < MESSAGES) {
    const columns: [string[], string[], number[], string[], string[]] = [[], [], [], [], []];
    for (let n = 0; n < ROWS_PER_INSERT && generated.ids.length < MESSAGES; n++) {
      const index = generated.ids.length;
      const text = generator.text(index % 2 === 1);
      // A conversation of rank r has about 1/r of the messages.
      const group = groups[Math.floor(CONVERSATIONS ** Math.random()) - 1] ?? groups[0]!;
      const id = randomUUID();
      generated.ids.push(id);
      generated.texts.push(comparable(text));
      columns[0].push(id);
      columns[1].push(group.id);
      columns[2].push(++group.seq);
      columns[3].push(text);
      columns[4].push(new Date(startedAt + index * INTERVAL_MS).toISOString());
    }
    await sql.query(
      `insert into messages (id, conversation_id, seq, sender_id, content, created_at)
         select m.id, m.conversation_id, m.seq, $6, m.content, m.created_at
           from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::timestamptz[]) m (id, conversation_id, seq, content, created_at)`,
      [...columns, userId],
    );
  }
  await sql.query(
    `update conversations c set last_seq = g.seq, last_message_at = '2030-01-01' from unnest($1::uuid[], $2::int[]) g (id, seq) where c.id = g.id`,
    [groups.map(({ id }) => id), groups.map(({ seq }) => seq)],
  );
  await sql.query('analyze messages, conversations, members');
  return generated;
}

/** Waits until everything is indexed; returns the seconds. */
async function untilIndexed(sql: Client): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const { rows } = await sql.query('select coalesce(sum(indexed_seq), 0)::int as indexed from message_search_positions');
    if (rows[0].indexed >= MESSAGES) return (performance.now() - startedAt) / 1000;
    await sleep(1000);
  }
}

async function search(user: TestUser, query: string, after: string | null): Promise<{ ids: string[]; nextCursor: string | null }> {
  const { searchMessages } = await user.mustAsk(SEARCH, { query, limit: LIMIT, after });
  return { ids: searchMessages.data.map(({ id }: { id: string }) => id), nextCursor: searchMessages.nextCursor };
}

/** The ids of a full scan, newest first. */
function fullScan({ ids, texts }: Generated, query: string): string[] {
  const hits: string[] = [];
  const text = comparable(query);
  for (let n = texts.length - 1; n >= 0; n--) if (texts[n]!.includes(text)) hits.push(ids[n]!);
  return hits;
}

/** Whether the pages have exactly the hits; the time of the first page. */
async function compare(user: TestUser, generated: Generated, query: string): Promise<{ ms: number; isEqual: boolean; hits: number }> {
  const startedAt = performance.now();
  let page = await search(user, query, null);
  const ms = performance.now() - startedAt;
  const expected = fullScan(generated, query);
  const found = page.ids;
  while (expected.length <= ALL_HITS && page.nextCursor !== null) {
    page = await search(user, query, page.nextCursor);
    found.push(...page.ids);
  }
  const end = expected.length <= ALL_HITS ? undefined : LIMIT;
  return { ms, isEqual: JSON.stringify(found) === JSON.stringify(expected.slice(0, end)), hits: expected.length };
}

async function bench(client: GraphqlClient, sql: Client, chatService: ManagedProcess): Promise<boolean> {
  await sql.query('set search_path = chat');
  const user = await TestUser.register(client, 'searcher');
  const generator = new TextGenerator(14);
  console.log(`Generating ${MESSAGES} messages in ${CONVERSATIONS} conversations …`);
  // At its start it looks for messages that are not indexed.
  await chatService.stop();
  const generated = await generateMessages(sql, user.userId, generator);
  await chatService.start();
  const seconds = await untilIndexed(sql);
  await sql.query('vacuum analyze message_search, message_search_texts, message_search_blocks');
  const { rows } = await sql.query(
    `select pg_size_pretty(pg_total_relation_size('messages')) as messages, pg_size_pretty(pg_total_relation_size('message_search_texts')) as texts,
       pg_size_pretty(pg_total_relation_size('message_search_blocks')) as blocks`,
  );
  console.log(
    `Indexed after ${seconds.toFixed(0)} s. Sizes: messages ${rows[0].messages}, texts ${rows[0].texts}, blocks ${rows[0].blocks}.\n`,
  );
  console.log(
    '| queries | p50 ms | p95 ms | p99 ms | highest | hits p50 | hits highest | other than the full scan |\n| --- | --- | --- | --- | --- | --- | --- | --- |',
  );
  let wrong = 0;
  for (const isCjk of [true, false]) {
    const results: Awaited<ReturnType<typeof compare>>[] = [];
    for (let n = 0; n < QUERIES + 20; n++) {
      const query = n % 10 === 9 ? generator.text(isCjk).slice(2, 8) : generator.query(generator.text(isCjk), isCjk);
      const result = await compare(user, generated, query.trim() === '' ? 'x' : query);
      // The first ones fill caches.
      if (n >= 20) results.push(result);
      if (!result.isEqual) console.log(`not equal: ${JSON.stringify(query)}`);
    }
    const [times, hits] = [results.map(({ ms }) => ms), results.map((result) => result.hits)];
    const differing = results.filter(({ isEqual }) => !isEqual).length;
    wrong += differing;
    const show = [50, 95, 99, 100].map((p) => percentile(times, p).toFixed(1)).join(' | ');
    console.log(
      `| ${QUERIES} ${isCjk ? 'Chinese' : 'Latin'} | ${show} | ${percentile(hits, 50)} | ${percentile(hits, 100)} | ${differing} |`,
    );
  }
  return wrong === 0;
}

await main(() =>
  withTemporarySystem({ env: { LOG_LEVEL: 'warn' } }, async (system) => {
    const client = new GraphqlClient(system.urls.graphql, 4);
    const sql = new Client({ connectionString: system.addresses.databaseUrl });
    await sql.connect();
    if (!(await bench(client, sql, system.services['chat-service']))) process.exitCode = 1;
    await client.close();
    await sql.end();
  }),
);
