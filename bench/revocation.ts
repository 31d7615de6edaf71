import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { WebSocket } from 'ws';
import type { GraphqlClient } from '@chat/testkit/graphql-client';
import { newAccount, TestUser } from '@chat/testkit/user';
import type { System } from '../scripts/system.ts';
import { p50p99, percentile } from './percentiles.ts';

const USERS = 20;
const SESSIONS_EACH = 50;
const BOUND_MS = 1000;
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';

interface SocketSession {
  accessToken: string;
  socket: WebSocket;
}
type Owner = { user: TestUser; sessions: SocketSession[] };

/** Milliseconds since the request that revokes. */
interface Delays {
  socket: number[];
  service: number[];
  answer: number[];
}

/**
 * Opens a thousand sessions with a socket each. Half are revoked one by one, half with revokeOtherSessions. Measures the time from the
 * request until the socket is closed, and until profile-service rejects the access token.
 */
export async function measureRevocation(client: GraphqlClient, system: System): Promise<boolean> {
  console.log(`\nPreparing ${USERS * SESSIONS_EACH} sessions with an open socket each …`);
  const owners: Owner[] = [];
  for (let n = 0; n < USERS; n += 1) owners.push(await signInOften(client));
  const profileUrl = `${system.urls.services['profile-service']}/profiles/me`;
  const oneByOne: Delays = { socket: [], service: [], answer: [] };
  const together: Delays = { socket: [], service: [], answer: [] };
  for (const { user, sessions } of owners.slice(0, USERS / 2)) {
    for (const session of sessions) {
      await timeRevocation(() => client.mustAsk('mutation { logout }', {}, session.accessToken), [session], profileUrl, oneByOne);
    }
    await client.mustAsk('{ me { userId } }', {}, user.accessToken);
  }
  for (const { user, sessions } of owners.slice(USERS / 2)) {
    const revoke = () => client.mustAsk('mutation { revokeOtherSessions }', {}, user.accessToken);
    await timeRevocation(revoke, sessions, profileUrl, together);
  }
  console.log(`\nRevocation, ${USERS * SESSIONS_EACH} sessions, milliseconds since the request (p50/p99):\n`);
  console.log('| revoked | sessions | answered | socket closed (4403) | refused by profile-service |\n| --- | --- | --- | --- | --- |');
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
  const user = await TestUser.register(client, 'often', account);
  const { email, password } = account;
  const sessions: SocketSession[] = [];
  while (sessions.length < SESSIONS_EACH) {
    const some = Array.from({ length: 10 }, async () => {
      const { login } = await client.mustAsk(LOGIN, { input: { email, password } });
      return { accessToken: login.accessToken, socket: await openSocket(user.wsUrl, login.accessToken) };
    });
    sessions.push(...(await Promise.all(some)));
  }
  return { user, sessions };
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

async function timeRevocation(
  revoke: () => Promise<unknown>,
  sessions: SocketSession[],
  profileUrl: string,
  delays: Delays,
): Promise<void> {
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
      if (performance.now() - started > 10_000) throw new Error('the access token is still accepted');
      await sleep(5);
    }
    delays.service.push(performance.now() - started);
  });
  await revoke();
  delays.answer.push(performance.now() - started);
  await Promise.all([...closings, ...refusals]);
}
