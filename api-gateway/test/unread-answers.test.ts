import { eventually } from '@chat/shared/testing';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';

const clients: Socket[] = [];
let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
  const content = '€'.repeat(2000);
  const message = { id: '1', conversationId: '1', seq: 1, senderId: '1', content, status: 'SENT', createdAt: new Date().toISOString() };
  const page = { data: Array.from({ length: 100 }, () => message), total: 100, page: 1, limit: 100, totalPages: 1 };
  kit.services.handlers.set('GET /chat/messages', () => page);
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await kit?.stop();
});

/** An answer of 6 million characters with three bytes each. */
const CONTENTS = Array.from({ length: 30 }, (_, n) => `c${n}: content`).join(' ');
const QUERY = `{ getMessages(conversationId: "0198c7a0-0000-7000-8000-000000000000", limit: 100) { data { ${CONTENTS} } } }`;
const codesOf = async ({ token }: UserWithToken) => (await kit.ask(QUERY, {}, token)).errors.map(({ extensions }) => extensions.code);

/** Sends the query and does not read its answer. Resolves to both ends of the connection when the answer is on its way. */
async function askAndReadNothing({ token }: UserWithToken): Promise<{ client: Socket; connection: Socket }> {
  const { promise: connected, resolve: onConnection } = Promise.withResolvers<Socket>();
  kit.gateway.app.getHttpServer().once('connection', onConnection);
  const body = JSON.stringify({ query: QUERY });
  const head = `POST /graphql HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  const client = connect(kit.gateway.port, '127.0.0.1')
    .pause()
    .on('error', () => undefined);
  client.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
  clients.push(client);
  const connection = await connected;
  // Header and body are written together.
  await eventually(() => connection.bytesWritten > 0);
  expect(connection.bytesWritten).toBeGreaterThan(1_000_000);
  return { client, connection };
}

it('a user that does not read long answers over HTTP is RATE_LIMITED until they are read, and no other user is', async () => {
  const [ada, ben] = [await kit.createUser(), await kit.createUser()];
  expect(await codesOf(ada)).toEqual([]);
  const unread = [await askAndReadNothing(ada), await askAndReadNothing(ada)];
  expect(await codesOf(ada)).toEqual(['RATE_LIMITED']);
  expect(await codesOf(ben)).toEqual([]);
  for (const { client } of unread) client.destroy();
  await eventually(async () => expect(await codesOf(ada)).toEqual([]));
});

it('a client that does not read an answer is disconnected', async () => {
  const server = kit.gateway.app.getHttpServer();
  expect(server.timeout).toBe(30_000);
  server.timeout = 300;
  const { client, connection } = await askAndReadNothing(await kit.createUser());
  await eventually(() => connection.destroyed);
  expect(client.destroyed).toBe(false);
});
