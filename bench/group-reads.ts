import type { GraphqlClient } from '@chat/testkit/graphql-client';
import { TestUser } from '@chat/testkit/user';
import type { Client } from 'pg';
import type { System } from '../scripts/system.ts';
import { generateGroups } from './group-read-data.ts';
import { percentile } from './percentiles.ts';
import { QueryPlans } from './query-plans.ts';

const CONVERSATIONS = 200;
const WARM_UP_QUERIES = 50;
const MESSAGES =
  'query ($conversationId: String!, $page: Int, $beforeSeq: Int, $afterSeq: Int, $aroundSeq: Int) { getMessages(conversationId: $conversationId, page: $page, limit: 50, beforeSeq: $beforeSeq, afterSeq: $afterSeq, aroundSeq: $aroundSeq) { total data { id seq senderId content status readAt editedAt reactions { emoji count } createdAt } } }';
const LIST =
  'query ($page: Int!, $limit: Int!) { getConversations(page: $page, limit: $limit) { total data { id title unreadCount lastMessage { seq content senderId status } members { userId role lastReadSeq } } } }';

interface Read {
  name: string;
  query: string;
  variables: Record<string, unknown>;
  /** How many items the answer has. */
  items: number;
}

/** Measures message pages and conversation lists of one user over GraphQL, one at a time, and prints the plans of their queries. */
export async function measureReads(
  client: GraphqlClient,
  system: System,
  sql: Client,
  { messages, queries }: { messages: number; queries: number },
): Promise<void> {
  const user = await TestUser.register(client, 'reader');
  await sql.query('set search_path = chat');
  console.log(`\nGenerating ${messages} messages in each of two conversations, and ${CONVERSATIONS - 2} more conversations …`);
  const [pair, group] = await generateGroups(sql, user.userId, [
    { messages, otherMembers: 1, unread: 100 },
    { messages, otherMembers: 99, unread: 100 },
    ...Array.from({ length: CONVERSATIONS - 2 }, (_, n) => ({ messages: 20, otherMembers: 1 + (n % 10), unread: n % 20 })),
  ]);
  const reads = [...pagesOf(pair!, messages, '2 members'), ...pagesOf(group!, messages, '100 members'), ...LISTS];
  console.log(`\nPages of 50 messages of ${messages}, and the list of ${CONVERSATIONS} conversations, ${queries} queries of each kind:\n`);
  console.log('| query | p50 ms | p95 ms | p99 ms |\n| --- | --- | --- | --- |');
  for (const read of reads) {
    const times: number[] = [];
    for (let n = 0; n < WARM_UP_QUERIES + queries; n++) times.push(await timeOf(user, read));
    const shown = [50, 95, 99].map((p) => percentile(times.slice(WARM_UP_QUERIES), p).toFixed(1));
    console.log(`| ${read.name} | ${shown.join(' | ')} |`);
  }
  const plans = await QueryPlans.start(system, sql, 'chat-service', /\bmembers\b/);
  for (const read of reads.filter(({ name }) => PLANNED.test(name))) {
    const found = await plans.of(() => timeOf(user, read));
    console.log(`\n${read.name}: ${found.length} queries\n`);
    for (const plan of found) console.log(`\`\`\`\n${plan}\n\`\`\`\n`);
  }
  await plans.stop();
}

/** Other pages of messages have the same queries. */
const PLANNED = /100 members, around the middle|list/;

function pagesOf(conversationId: string, messages: number, name: string): Read[] {
  const middle = Math.round(messages / 2);
  const page = (what: string, variables: Record<string, number>): Read => ({
    name: `${name}, ${what}`,
    query: MESSAGES,
    variables: { conversationId, ...variables },
    items: 50,
  });
  return [
    page('first', { afterSeq: 0 }),
    page('after the middle', { afterSeq: middle }),
    page('around the middle', { aroundSeq: middle }),
    page('before the middle', { beforeSeq: middle }),
    page('newest', { page: 1 }),
  ];
}

const list = (page: number, limit: number): Read => ({
  name: `list, page ${page} of ${limit}`,
  query: LIST,
  variables: { page, limit },
  items: limit,
});
const LISTS = [list(1, 20), list(10, 20), list(1, 100)];

async function timeOf(user: TestUser, { name, query, variables, items }: Read): Promise<number> {
  const startedAt = performance.now();
  const [answer] = Object.values(await user.mustAsk(query, variables));
  const ms = performance.now() - startedAt;
  if (answer.data.length !== items) throw new Error(`${name}: ${answer.data.length} items instead of ${items}`);
  return ms;
}
