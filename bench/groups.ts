/**
 * `npm run bench:groups -- [sends] [highest] [reads]`: messages to groups whose members are all connected (10, 100 and 1,000), the highest rate of
 * messages to a group of 100, and pages of messages and conversations with the plans of their queries. Counts at the end that a message is one
 * record of Kafka and one row of the feed. Starts a system of its own, and prints Markdown; fails if a message is lost, doubled or out of order.
 * Open loop, as bench/run.ts. BENCH_SIZES, BENCH_MESSAGES (to each group), BENCH_WARM_UP_MESSAGES, BENCH_FIRST_RATE, BENCH_MAX_RATE,
 * BENCH_PAGE_MESSAGES and BENCH_QUERIES change the size; BENCH_NODE_OPTIONS are options of Node for the services, for example `--cpu-prof`.
 */
import os from 'node:os';
import { GraphqlClient } from '@chat/testkit/graphql-client';
import { Client } from 'pg';
import { main, UserError } from '../scripts/progress.ts';
import type { System } from '../scripts/system.ts';
import { withTemporarySystem } from '../scripts/temporary-system.ts';
import { measureDeliveries, Members } from './group-deliveries.ts';
import { measureReads } from './group-reads.ts';
import { countRecords } from './group-records.ts';

const PARTS = ['sends', 'highest', 'reads'];
const ENV = {
  NODE_ENV: 'production',
  LOG_LEVEL: 'warn',
  // Few users send much from one address, and sign in once.
  RATE_LIMIT_SCALE: '1000',
  JWT_EXPIRATION: '86400',
  // A thousand registrations take half a minute, not two.
  BCRYPT_COST: '10',
  ...(process.env.BENCH_NODE_OPTIONS ? { NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS } : {}),
};
const number = (name: string, otherwise: number) => Number(process.env[name] || otherwise);

async function bench(system: System, parts: string[]): Promise<boolean> {
  const client = new GraphqlClient(system.urls.graphql, 64);
  const sql = new Client({ connectionString: system.addresses.databaseUrl });
  const members = new Members(client);
  console.log(
    `\n${os.cpus().length} × ${os.cpus()[0]?.model.trim()}, Node ${process.version}, load average ${os.loadavg()[0]!.toFixed(1)}`,
  );
  let isExact = true;
  try {
    await sql.connect();
    if (parts.includes('sends') || parts.includes('highest')) {
      const { groups, isComplete } = await measureDeliveries(members, system, {
        sizes: parts.includes('sends') ? (process.env.BENCH_SIZES || '10,100,1000').split(',').map(Number) : [],
        messages: number('BENCH_MESSAGES', 100),
        warmUpMessages: number('BENCH_WARM_UP_MESSAGES', 5000),
        highest: parts.includes('highest') ? { firstRate: number('BENCH_FIRST_RATE', 100), maxRate: number('BENCH_MAX_RATE', 1000) } : null,
      });
      isExact = isComplete && (await countRecords(groups, system, sql));
    }
    const options = { messages: number('BENCH_PAGE_MESSAGES', 100_000), queries: number('BENCH_QUERIES', 200) };
    if (parts.includes('reads')) await measureReads(client, system, sql, options);
  } finally {
    members.close();
    await client.close();
    await sql.end();
  }
  return isExact;
}

await main(async () => {
  const named = process.argv.slice(2);
  const unknown = named.find((part) => !PARTS.includes(part));
  if (unknown) throw new UserError(`There is no part "${unknown}". Usage: npm run bench:groups -- [${PARTS.join('] [')}]`);
  await withTemporarySystem({ env: ENV }, async (system) => {
    if (!(await bench(system, named.length === 0 ? PARTS : named))) process.exitCode = 1;
  });
});
