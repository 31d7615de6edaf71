/**
 * `npm run bench:deletion [-- messages]`: what the deletion of a user with so many messages (default 1,000,000) costs the sends of others. Starts a system of its own,
 * generates the history with SQL, and measures periods without and with the deletion in turn, at the same rate; in those without it, the
 * bench holds the lock of its worker. At the end it waits until the deletion is done. Prints Markdown. BENCH_PAIRS, BENCH_RATE, BENCH_PERIODS (of
 * each kind) and BENCH_SECONDS (of a period) change the size.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GraphqlClient } from '@chat/testkit/graphql-client';
import { Client } from 'pg';
import { main } from '../scripts/progress.ts';
import { withTemporarySystem } from '../scripts/temporary-system.ts';
import { LoadGenerator } from './load-generator.ts';
import { p50p99, percentile } from './percentiles.ts';

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
const MESSAGES = Number(process.argv[2] ?? 1_000_000);
const PAIRS = number('BENCH_PAIRS', 50);
const RATE = number('BENCH_RATE', 300);
const PERIODS = number('BENCH_PERIODS', 12);
const SECONDS = number('BENCH_SECONDS', 20);
const HOLD_WORKER = `select pg_advisory_lock(hashtextextended('user deletions of chat', 0))`;
const RELEASE_WORKER = `select pg_advisory_unlock(hashtextextended('user deletions of chat', 0))`;

/** A user with 100 groups, and as many messages in them, half of them without a clientMessageId. */
async function generateHistory(sql: Client, userId: string): Promise<void> {
  await sql.query(
    `with groups as (insert into conversations (id, kind, last_seq, has_membership_record, created_by, created_at)
         select gen_random_uuid(), 'GROUP', $2::int / 100, true, $1, now() from generate_series(1, 100) returning id),
       joined as (insert into members (conversation_id, user_id, role, last_read_seq, last_delivered_seq, joined_at)
         select id, $1, 'OWNER', $2::int / 100, $2::int / 100, now() from groups)
     insert into messages (id, conversation_id, seq, sender_id, client_message_id, content, created_at)
       select gen_random_uuid(), g.id, seq, $1, case when seq % 2 = 0 then gen_random_uuid()::text end, repeat('x', 256), now()
         from groups g, generate_series(1, $2::int / 100) seq`,
    [userId, MESSAGES],
  );
  await sql.query('analyze messages');
}

async function bench(client: GraphqlClient, sql: Client): Promise<boolean> {
  await sql.query('set search_path = chat');
  const userId = randomUUID();
  console.log(`Generating ${MESSAGES} messages, preparing ${PAIRS} pairs …`);
  await generateHistory(sql, userId);
  const generator = new LoadGenerator(client);
  await generator.prepare(PAIRS);
  await generator.step(RATE, 15);
  await sql.query(HOLD_WORKER);
  await sql.query('insert into deleted_users values ($1, now())', [userId]);
  await sql.query('insert into user_deletions (user_id, deleted_at) values ($1, now())', [userId]);

  const without: number[] = [];
  const during: number[] = [];
  const delivery: [number[], number[]] = [[], []];
  const ratios: number[] = [];
  let failed = 0;
  let deletingSeconds = 0;
  for (let period = 0; period < PERIODS; period++) {
    const base = await generator.step(RATE, SECONDS);
    await sql.query(RELEASE_WORKER);
    const startedAt = performance.now();
    const loaded = await generator.step(RATE, SECONDS);
    deletingSeconds += (performance.now() - startedAt) / 1000;
    await sql.query(HOLD_WORKER);
    const left = await sql.query('select 1 from user_deletions');
    // The last period may be partly without the deletion; the only one counts all the same.
    if (left.rowCount === 0 && ratios.length > 0) break;
    without.push(...base.acceptMs);
    during.push(...loaded.acceptMs);
    delivery[0].push(...base.deliveryMs);
    delivery[1].push(...loaded.deliveryMs);
    ratios.push(percentile(loaded.acceptMs, 99) / percentile(base.acceptMs, 99));
    failed += base.failed + loaded.failed;
  }
  generator.close();
  console.log(`\n${RATE} sends/s, periods of ${SECONDS} s, ${ratios.length} of each kind, accept and delivery p50/p99 in ms\n`);
  console.log('| periods | sends | accept | delivery |\n| --- | --- | --- | --- |');
  console.log(`| without the deletion | ${without.length} | ${p50p99(without)} | ${p50p99(delivery[0])} |`);
  console.log(`| during the deletion | ${during.length} | ${p50p99(during)} | ${p50p99(delivery[1])} |`);
  const ratio = percentile(during, 99) / percentile(without, 99);
  console.log(
    `\np99 of accept, during to without: ${ratio.toFixed(2)} (median of the pairs of periods: ${percentile(ratios, 50).toFixed(2)}); ${failed} sends failed.`,
  );
  await sql.query(RELEASE_WORKER);
  const startedAt = performance.now();
  while ((await sql.query('select 1 from user_deletions')).rowCount !== 0) await sleep(1000);
  deletingSeconds += (performance.now() - startedAt) / 1000;
  const found = await sql.query('select count(*) as left from messages where sender_id = $1 and content <> $2', [userId, '']);
  console.log(`${MESSAGES} messages deleted in ${deletingSeconds.toFixed(0)} s of work; ${found.rows[0].left} are left.`);
  return failed === 0 && Number(found.rows[0].left) === 0;
}

await main(() =>
  withTemporarySystem({ env: { LOG_LEVEL: 'warn' } }, async (system) => {
    const client = new GraphqlClient(system.urls.graphql, 64);
    const sql = new Client({ connectionString: system.addresses.databaseUrl });
    await sql.connect();
    if (!(await bench(client, sql))) process.exitCode = 1;
    await client.close();
    await sql.end();
  }),
);
