/**
 * `npm run demo`: two users on the running system exchange messages; one loses the connection and receives what was missed.
 * Prints each step with its time. CHAT_URL is the address of another gateway.
 */
import { checkDelivery, isClean } from '@chat/testkit/delivery-check';
import { GraphqlClient } from '@chat/testkit/graphql-client';
import { TestUser } from '@chat/testkit/user';
import { DATA_DIR } from '../scripts/paths.ts';
import { runningSystem } from '../scripts/processes/run-file.ts';

const url = process.env['CHAT_URL'] ?? runningSystem(DATA_DIR)?.urls['graphql'] ?? 'http://localhost:3000/graphql';
const client = new GraphqlClient(url);

async function step<T>(what: string, run: () => Promise<T>, tell: (result: T) => string = () => ''): Promise<T> {
  const started = performance.now();
  const result = await run();
  const took = performance.now() - started;
  console.log(`${`${took.toFixed(took < 10 ? 1 : 0)} ms`.padStart(9)}  ${what}${tell(result) ? `: ${tell(result)}` : ''}`);
  return result;
}

async function demo(): Promise<void> {
  console.log(`Two users on ${url}\n`);
  await step(
    'the gateway answers',
    () => client.mustAsk('{ hello }'),
    (data) => data.hello,
  );
  const ada = await step(
    'Ada registers',
    () => TestUser.register(client, 'ada', { firstName: 'Ada' }),
    (p) => p.username,
  );
  const ben = await step(
    'Ben registers',
    () => TestUser.register(client, 'ben', { firstName: 'Ben' }),
    (p) => p.username,
  );
  const bens = await step('Ben opens his event stream', () => ben.events());
  const adas = await step('Ada opens her event stream', () => ada.events());

  const hello = await step(
    'Ada sends a message to Ben: time until it is accepted',
    () => ada.sendTo(ben.userId, 'Hello Ben, can you hear me?'),
    (m) => `seq ${m.seq}`,
  );
  await step(
    'Ben receives it live: time after that',
    () => bens.waitFor((i) => i.message?.id === hello.id, 'the message'),
    (i) => `“${i.message?.content}”`,
  );
  await step('Ben answers: time until Ada receives it', async () => {
    const answer = await ben.sendIn(hello.conversationId, 'Loud and clear.');
    return adas.waitFor((i) => i.message?.id === answer.id, 'the answer');
  });
  await step('Ben reads: time until Ada receives the receipt', async () => {
    await ben.mustAsk('mutation ($id: ID!) { markConversationAsRead(conversationId: $id, seq: 2) { id } }', { id: hello.conversationId });
    return adas.waitFor((i) => i.__typename === 'ReceiptsAdvanced' && i.userId === ben.userId, 'the receipt');
  });

  console.log('\n           Ben’s connection is cut; Ada sends 100 messages …');
  bens.cut();
  const sent = bens.items.flatMap((i) => (i.message ? [i.message] : []));
  const cursor = bens.items.at(-1)?.cursor;
  await step('100 messages are accepted, one after another', async () => {
    for (let n = 1; n <= 100; n += 1) sent.push({ ...(await ada.sendIn(hello.conversationId, `while you were offline, ${n}`)) });
  });
  const back = await step('Ben reconnects with his cursor', () => ben.events(cursor));
  await step('Ben receives all missed messages', () =>
    back.until(() => back.items.filter((i) => i.message).length === 100, 'the hundred messages', 30_000),
  );
  const report = checkDelivery(sent, [...bens.items, ...back.items]);
  await Promise.all([adas.close(), back.close()]);
  console.log(
    `\nMessages ${report.acknowledged}, delivered ${report.delivered}; lost ${report.lost.length}, doubled ${report.doubled.length}, out of order ${report.outOfOrder.length}.`,
  );
  if (!isClean(report)) throw new Error('the delivery was not exact');
  console.log('Every message arrived once and in order.');
}

try {
  await demo();
} catch (error) {
  const refused = String((error as { code?: string }).code ?? '') === 'ECONNREFUSED';
  console.error(
    refused
      ? `\nThere is no answer from ${url}. Start the system with \`npm start\` first.`
      : `\nThe demo failed: ${(error as Error).message}`,
  );
  process.exitCode = 1;
} finally {
  await client.close();
}
