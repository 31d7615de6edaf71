import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';
import { RawSocket } from './kit/raw-socket.js';

const CHECK = 'POST /auth/sessions/check';
const ENDED = { code: 4403, reason: 'Session ended' };

/** Checks each socket every second, and the other one as rarely as possible. */
let often: GatewayKit;
let rarely: GatewayKit;
beforeAll(async () => {
  often = await GatewayKit.start({ SESSION_CHECK_INTERVAL: '1' });
  rarely = await GatewayKit.start();
});
afterAll(async () => {
  await often.stop();
  await rarely.stop();
});

const open = (kit: GatewayKit, { token }: UserWithToken) => new RawSocket(kit.url.replace('http', 'ws')).signIn(token);
const checksOf = (kit: GatewayKit, { sessionId }: UserWithToken) =>
  kit.services.callsOf('POST', '/auth/sessions/check').filter(({ body }) => body.sessionIds.includes(sessionId));
const checked = (kit: GatewayKit, user: UserWithToken) => eventually(() => expect(checksOf(kit, user)).not.toEqual([]));

it('a socket is closed with 4403 after its session has ended, whatever published it, and no other', async () => {
  const [ada, ben] = [await often.createUser(), await often.createUser()];
  const [ended, kept] = [await open(often, ada), await open(often, ben)];
  await checked(often, ada);
  often.services.endedSessions.add(ada.sessionId);
  expect(await ended.closed).toEqual(ENDED);
  const checks = checksOf(often, ben).length;
  await eventually(() => expect(checksOf(often, ben).length).toBeGreaterThan(checks + 1));
  expect(kept.ws.readyState).toBe(kept.ws.OPEN);
  kept.ws.terminate();
});

it('a socket whose session had ended before it was opened is closed with 4403', async () => {
  const ada = await rarely.createUser();
  rarely.services.endedSessions.add(ada.sessionId);
  expect(await (await open(rarely, ada)).closed).toEqual(ENDED);
});

it('a socket is closed when its session expires, unless the session was refreshed before', async () => {
  const ada = await rarely.createUser();
  let expiresInSeconds = 1;
  rarely.services.handlers.set(CHECK, ({ body }) => ({
    active: expiresInSeconds === 0 ? [] : body.sessionIds.map((sessionId: string) => ({ sessionId, expiresInSeconds })),
    withdrawnKeyIds: [],
  }));
  onTestFinished(() => void rarely.services.handlers.delete(CHECK));
  const raw = await open(rarely, ada);
  await eventually(() => expect(checksOf(rarely, ada).length).toBeGreaterThan(1));
  expect(raw.ws.readyState).toBe(raw.ws.OPEN);
  expiresInSeconds = 0;
  expect(await raw.closed).toEqual(ENDED);
});

it('while auth-service is unavailable sockets stay open, and those whose session ended are closed when it is back', async () => {
  const [ada, ben] = [await often.createUser(), await often.createUser()];
  const [ended, kept] = [await open(often, ada), await open(often, ben)];
  await checked(often, ada);
  often.services.unavailable.add('auth');
  often.services.endedSessions.add(ada.sessionId);
  const later = await often.createUser();
  const opened = await open(often, later);
  for (let n = 0; n < 50; n += 1) await often.ask('{ hello }');
  expect([ended, kept, opened].map(({ ws }) => ws.readyState)).toEqual([1, 1, 1]);
  often.services.unavailable.delete('auth');
  expect(await ended.closed).toEqual(ENDED);
  await checked(often, later);
  for (const raw of [kept, opened]) raw.ws.terminate();
});

it('after a loss of Redis every socket is checked again', async () => {
  const ada = await rarely.createUser();
  const raw = await open(rarely, ada);
  await checked(rarely, ada);
  rarely.services.endedSessions.add(ada.sessionId);
  await rarely.loseRedis('revoked-sessions');
  expect(await raw.closed).toEqual(ENDED);
});

it('a socket whose signing key was withdrawn is closed with 4403', async () => {
  const ada = await often.createUser();
  const raw = await open(often, ada);
  const { kid } = often.services.tokens.publicJwk;
  often.services.withdrawnKeyIds.add(kid);
  onTestFinished(() => void often.services.withdrawnKeyIds.delete(kid));
  expect(await raw.closed).toEqual(ENDED);
});

it('many sockets are checked with few requests, each session and key once', async () => {
  const users = await Promise.all(Array.from({ length: 30 }, () => rarely.createUser()));
  const before = rarely.services.callsOf('POST', '/auth/sessions/check').length;
  const sockets = await Promise.all(users.flatMap((user) => [open(rarely, user), open(rarely, user)]));
  for (const user of users) await checked(rarely, user);
  const checks = rarely.services.callsOf('POST', '/auth/sessions/check').slice(before);
  expect(checks.length).toBeLessThan(30);
  for (const { body } of checks) {
    expect(new Set(body.sessionIds).size).toBe(body.sessionIds.length);
    expect(body.keyIds).toEqual([rarely.services.tokens.publicJwk.kid]);
  }
  for (const raw of sockets) raw.ws.terminate();
});
