import { randomInt } from 'node:crypto';
import type { GraphqlClient } from '../e2e/kit/graphql-client.ts';
import { newAccount, Person } from '../e2e/kit/person.ts';
import { percentile } from './percentiles.ts';

const SAMPLES = 200;
const WITHIN = 0.1;
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';

/** Refused sign-ins of accounts that exist and of addresses that nobody has, in turn, each from another address. */
export async function measureSignInTiming(client: GraphqlClient): Promise<boolean> {
  console.log(`\nPreparing ${SAMPLES / 2} accounts …`);
  const emails: string[] = [];
  for (let n = 0; n < SAMPLES / 2; n += 1) emails.push((await Person.register(client, 'known')).email);
  const answers = new Set<string>();
  const refuse = async (email: string): Promise<number> => {
    const from = { 'x-forwarded-for': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}` };
    const started = performance.now();
    const { status, errors } = await client.ask(LOGIN, { input: { email, password: 'wrong horse battery' } }, undefined, from);
    const tookMs = performance.now() - started;
    answers.add(`${status} ${errors[0]?.code} ${errors[0]?.message}`);
    return tookMs;
  };
  for (let n = 0; n < 10; n += 1) await refuse(newAccount().email);
  answers.clear();
  const [known, unknown]: [number[], number[]] = [[], []];
  for (const email of emails) {
    known.push(await refuse(email));
    unknown.push(await refuse(newAccount().email));
  }
  const show = (values: number[]) => [25, 50, 75, 95].map((p) => percentile(values, p).toFixed(1)).join(' | ');
  console.log(`\nRefused sign-ins, ${SAMPLES} samples in turn, milliseconds:\n`);
  console.log('| account | p25 | p50 | p75 | p95 |\n| --- | --- | --- | --- | --- |');
  console.log(`| exists | ${show(known)} |\n| does not | ${show(unknown)} |`);
  const difference = percentile(unknown, 50) / percentile(known, 50) - 1;
  console.log(
    `\nThe medians differ by ${(difference * 100).toFixed(1)} %; the answers are ${answers.size === 1 ? 'the same' : 'not the same'}.`,
  );
  return Math.abs(difference) <= WITHIN && answers.size === 1;
}
