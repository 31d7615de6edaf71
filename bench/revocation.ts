import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { WebSocket } from 'ws';
import type { GraphqlClient } from '@chat/testkit/graphql-client';
import { newAccount, TestUser } from '@chat/testkit/user';
import type { System } from '../scripts/system.ts';
import { p50p99, percentile } from './percentiles.ts';

const PEOPLE = 20;
const SESSIONS_EACH = 50;
const BOUND_MS = 1000;
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';

interface OpenSession {
  accessToken: string;
  socket: WebSocket;
}
type Owner = { person: TestUser; sessions: OpenSession[] };

/** Milliseconds from the moment that the revocation was asked for. */
interface Delays {
  socket: number[];
  service: number[];
  answer: number[];
}

/**
 * A thousand sessions with an open socket each. Half are ended one by one, half with all others of their owner. Timed from the moment that
 * it is asked for: until the socket is closed, and until another service than auth-service refuses the access token.
 */
export async function measureRevocation(client: GraphqlClient, system: System): Promise<boolean> {
  console.log(`\nPreparing ${PEOPLE * SESSIONS_EACH} sessions with an open socket each …`);
  const owners: Owner[] = [];
  for (let n = 0; n < PEOPLE; n += 1) owners.push(await signInOften(client));
  const profileUrl = `${system.urls.services['profile-service']}/profiles/me`;
  const oneByOne: Delays = { socket: [], service: [], answer: [] };
  const together: Delays = { socket: [], service: [], answer: [] };
  for (const { person, sessions } of owners.slice(0, PEOPLE / 2)) {
    for (const session of sessions) {
      await timeRevocation(() => client.mustAsk('mutation { logout }', {}, session.accessToken), [session], profileUrl, oneByOne);
    }
    await client.mustAsk('{ me { userId } }', {}, person.accessToken);
  }
  for (const { person, sessions } of owners.slice(PEOPLE / 2)) {
    const revoke = () => client.mustAsk('mutation { revokeOtherSessions }', {}, person.accessToken);
    await timeRevocation(revoke, sessions, profileUrl, together);
  }
  console.log(`\nRevocation, ${PEOPLE * SESSIONS_EACH} sessions, milliseconds from asking (p50/p99):\n`);
  console.log('| ended | sessions | answered | socket closed (4403) | refused by profile-service |\n| --- | --- | --- | --- | --- |');
  const row = (name: string, { socket, service, answer }: Delays) =>
    console.log(`| ${name} | ${socket.length} | ${p50p99(answer)} | ${p50p99(socket)} | ${p50p99(service)} |`);
  row('one by one', oneByOne);
  row(`${SESSIONS_EACH} at once`, together);
  const worst = Math.max(...[oneByOne, together].flatMap(({ socket, service }) => [percentile(socket, 99), percentile(service, 99)]));
  console.log(`\nThe highest p99 is ${worst.toFixed(0)} ms; the bound is ${BOUND_MS} ms.`);
  return worst <= BOUND_MS;
}

async function signInOften(client: GraphqlClient): Promise<Owner> {
  const account = newAccount('often');
  const person = await TestUser.register(client, 'often', account);
  const { email, password } = account;
  const sessions: OpenSession[] = [];
  while (sessions.length < SESSIONS_EACH) {
    const some = Array.from({ length: 10 }, async () => {
      const { login } = await client.mustAsk(LOGIN, { input: { email, password } });
      return { accessToken: login.accessToken, socket: await openSocket(person.wsUrl, login.accessToken) };
    });
    sessions.push(...(await Promise.all(some)));
  }
  return { person, sessions };
}

function openSocket(url: string, accessToken: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${accessToken}` } })));
    socket.on('message', (data) => {
      const { type } = JSON.parse(String(data)) as { type: string };
      if (type === 'connection_ack') resolve(socket);
      if (type === 'ping') socket.send('{"type":"pong"}');
    });
  });
}

async function timeRevocation(revoke: () => Promise<unknown>, sessions: OpenSession[], profileUrl: string, delays: Delays): Promise<void> {
  const started = performance.now();
  const closings = sessions.map(
    ({ socket }) =>
      new Promise<void>((resolve, reject) =>
        socket.once('close', (code) => {
          delays.socket.push(performance.now() - started);
          if (code === 4403) resolve();
          else reject(new Error(`closed with ${code}`));
        }),
      ),
  );
  const refusals = sessions.map(async ({ accessToken }) => {
    for (;;) {
      const { statusCode, body } = await request(profileUrl, { headers: { authorization: `Bearer ${accessToken}` } });
      await body.dump();
      if (statusCode === 401) break;
      if (performance.now() - started > 10_000) throw new Error('an access token is still taken');
      await sleep(5);
    }
    delays.service.push(performance.now() - started);
  });
  await revoke();
  delays.answer.push(performance.now() - started);
  await Promise.all([...closings, ...refusals]);
}
