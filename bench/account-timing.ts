import { randomInt } from 'node:crypto';
import type { GraphqlClient } from '@chat/testkit/graphql-client';
import { newAccount, TestUser } from '@chat/testkit/user';
import { percentile } from './percentiles.ts';

const ACCOUNTS = 100;
const WITHIN = 0.1;
/** For answers of a few milliseconds: a smaller difference cannot be measured over a network. */
const WITHIN_MS = 1;
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';
const REQUEST_RESET = 'mutation ($email: String!) { requestPasswordReset(email: $email) }';

/** Compares answer times for addresses with and without an account, of refused logins and of password reset requests. True if they do not differ. */
export async function measureAccountTiming(client: GraphqlClient): Promise<boolean> {
  console.log(`\nPreparing ${ACCOUNTS} accounts …`);
  const emails: string[] = [];
  for (let n = 0; n < ACCOUNTS; n += 1) emails.push((await TestUser.register(client, 'known')).email);
  const signIn = await compare(client, { name: 'Refused logins', emails, rounds: 1 }, (email) => [
    LOGIN,
    { input: { email, password: 'wrong horse battery' } },
  ]);
  // Three rounds: the mail limit of an address.
  const reset = await compare(client, { name: 'Password reset requests', emails, rounds: 3 }, (email) => [REQUEST_RESET, { email }]);
  return signIn && reset;
}

/** Times the request for existing accounts and for as many unused e-mail addresses, in random order, each from another IP address. */
async function compare(
  client: GraphqlClient,
  { name, emails, rounds }: { name: string; emails: string[]; rounds: number },
  request: (email: string) => [document: string, variables: Record<string, unknown>],
): Promise<boolean> {
  const answers = new Set<string>();
  const time = async (email: string): Promise<number> => {
    const from = { 'x-forwarded-for': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}` };
    const started = performance.now();
    const { status, data, errors } = await client.ask(...request(email), undefined, from);
    const tookMs = performance.now() - started;
    answers.add(`${status} ${JSON.stringify(data)} ${errors[0]?.code} ${errors[0]?.message}`);
    return tookMs;
  };
  for (let n = 0; n < 10; n += 1) await time(newAccount().email);
  answers.clear();
  const [known, unknown]: [number[], number[]] = [[], []];
  const asked = [...emails.map((email) => ({ email, times: known })), ...emails.map(() => ({ email: newAccount().email, times: unknown }))];
  for (let round = 0; round < rounds; round += 1) for (const { email, times } of shuffled(asked)) times.push(await time(email));
  const show = (values: number[]) => [25, 50, 75, 95].map((p) => percentile(values, p).toFixed(1)).join(' | ');
  console.log(`\n${name}, ${known.length + unknown.length} samples, milliseconds:\n`);
  console.log('| account | p25 | p50 | p75 | p95 |\n| --- | --- | --- | --- | --- |');
  console.log(`| exists | ${show(known)} |\n| does not | ${show(unknown)} |`);
  const [median, apartMs] = [percentile(known, 50), percentile(unknown, 50) - percentile(known, 50)];
  console.log(
    `\nThe medians differ by ${apartMs.toFixed(2)} ms, ${((apartMs / median) * 100).toFixed(1)} %; the answers are ${answers.size === 1 ? 'the same' : 'not the same'}.`,
  );
  return Math.abs(apartMs) <= Math.max(WITHIN * median, WITHIN_MS) && answers.size === 1;
}

function shuffled<T>(list: T[]): T[] {
  return list
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
