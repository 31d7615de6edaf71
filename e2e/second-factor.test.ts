import { afterAll, expect, it } from 'vitest';
import { AuthenticatorApp } from '@chat/testkit/authenticator';
import { eventually } from '@chat/shared/testing';
import { gateway } from './kit/gateway.ts';
import type { Answer } from '@chat/testkit/graphql-client';
import { TestUser } from '@chat/testkit/user';
import { Subscription } from '@chat/testkit/event-stream';

const client = gateway();
afterAll(() => client.close());

const LOG_IN = `mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken user { totpEnabled } } }`;
const COMPLETE = `mutation ($mfaToken: String!, $code: String!) { completeLogin(mfaToken: $mfaToken, code: $code) { accessToken refreshToken user { userId totpEnabled } } }`;
const NOTIFIED = 'subscription { notificationReceived { type title data read } }';

const codeOf = (answer: Answer) => answer.errors[0]?.code;
const logIn = ({ email, password }: TestUser, headers: Record<string, string> = {}) =>
  client.ask(LOG_IN, { input: { email, password } }, undefined, headers);

async function withSecondFactor() {
  const person = await TestUser.register(client, 'ada');
  const { startTotpSetup } = await person.mustAsk('mutation { startTotpSetup { secret otpauthUrl } }');
  const app = new AuthenticatorApp(startTotpSetup.otpauthUrl);
  const confirm = 'mutation ($code: String!) { confirmTotpSetup(code: $code) }';
  const { confirmTotpSetup } = await person.mustAsk(confirm, { code: await app.nextCode() });
  return { person, app, recoveryCodes: confirmTotpSetup as string[] };
}

it('a password alone is not enough any more: a code of the app, or a recovery code, once each', async () => {
  const { person, app, recoveryCodes } = await withSecondFactor();
  expect(new Set(recoveryCodes).size).toBe(10);
  expect(await person.mustAsk('{ me { totpEnabled } }')).toEqual({ me: { totpEnabled: true } });

  const refused = await logIn(person);
  expect([codeOf(refused), refused.data]).toEqual(['MFA_REQUIRED', null]);
  expect(refused.text).not.toContain('accessToken');
  const mfaToken = refused.errors[0]!.extensions['mfaToken'] as string;

  // The token is good for nothing but the second step.
  expect(codeOf(await client.ask('{ me { userId } }', {}, mfaToken))).toBe('UNAUTHENTICATED');
  const refresh = 'mutation ($token: String!) { refreshToken(input: { refreshToken: $token }) { accessToken } }';
  expect(codeOf(await client.ask(refresh, { token: mfaToken }))).toBe('UNAUTHENTICATED');
  const socket = new Subscription({ wsUrl: person.wsUrl, token: mfaToken, query: NOTIFIED });
  await socket.until(() => socket.ended !== null, 'the end of the socket');
  expect(socket.ended).toContain('4403');

  expect(codeOf(await client.ask(COMPLETE, { mfaToken, code: 'wrong!' }))).toBe('UNAUTHENTICATED');
  const code = await app.nextCode();
  const completed = await client.mustAsk(COMPLETE, { mfaToken, code });
  expect(completed.completeLogin.user).toEqual({ userId: person.userId, totpEnabled: true });
  expect(await client.mustAsk('{ me { userId } }', {}, completed.completeLogin.accessToken)).toEqual({ me: { userId: person.userId } });

  const again = (await logIn(person)).errors[0]!.extensions['mfaToken'] as string;
  expect(codeOf(await client.ask(COMPLETE, { mfaToken: again, code }))).toBe('UNAUTHENTICATED');
  expect((await client.ask(COMPLETE, { mfaToken: again, code: recoveryCodes[0]! })).errors).toEqual([]);
  const disable = 'mutation ($code: String!) { disableTotp(code: $code) }';
  expect(codeOf(await person.ask(disable, { code: recoveryCodes[0]! }))).toBe('BAD_USER_INPUT');
  expect(await person.mustAsk(disable, { code: recoveryCodes[1]! })).toEqual({ disableTotp: true });
  expect((await logIn(person)).data?.login.user).toEqual({ totpEnabled: false });
});

it('the owner is told of a sign-in from a new device: live, and in the list', async () => {
  const person = await TestUser.register(client, 'ada');
  const live = person.subscribe(NOTIFIED);
  // The first sign-in after the registration is from the same program, and says nothing.
  expect((await logIn(person)).errors).toEqual([]);
  expect((await logIn(person, { 'user-agent': 'phone/1.0', 'x-device-id': 'a phone' })).errors).toEqual([]);
  expect((await logIn(person, { 'user-agent': 'phone/1.0', 'x-device-id': 'a phone' })).errors).toEqual([]);
  const expected = { type: 'SYSTEM', title: 'New sign-in', data: { sessionId: expect.any(String) }, read: false };
  const list = async () => (await person.mustAsk('{ getNotifications { data { type title data read } } }')).getNotifications.data;
  await eventually(async () => expect(await list()).toEqual([expected]));
  await live.until(() => live.items.length > 0, 'the notification');
  expect(live.items).toEqual([expected]);
  const { getSessions } = await person.mustAsk('{ getSessions { id userAgent } }');
  const { sessionId } = (await list())[0].data;
  expect(getSessions.find(({ id }: { id: string }) => id === sessionId)).toMatchObject({ userAgent: 'phone/1.0' });
  await live.close();
});

it('signing in again with the token of a session puts the new one in its place, and closes its sockets', async () => {
  const { person, app } = await withSecondFactor();
  const socket = person.subscribe(NOTIFIED);
  const other = await TestUser.register(client, 'ben');
  const { mfaToken } = (await client.ask(LOG_IN, { input: { email: person.email, password: person.password } }, person.accessToken))
    .errors[0]!.extensions as { mfaToken: string };
  expect((await person.ask('{ me { userId } }')).errors).toEqual([]);
  const { completeLogin } = await client.mustAsk(COMPLETE, { mfaToken, code: await app.nextCode() }, person.accessToken);
  await socket.until(() => socket.ended !== null, 'the end of the socket');
  expect(socket.ended).toContain('4403');
  expect(codeOf(await person.ask('{ me { userId } }'))).toBe('UNAUTHENTICATED');
  const { getSessions } = await client.mustAsk('{ getSessions { current } }', {}, completeLogin.accessToken);
  expect(getSessions).toEqual([{ current: true }]);

  // The token of somebody else ends nothing.
  const { email, password } = other;
  expect((await client.ask(LOG_IN, { input: { email, password } }, completeLogin.accessToken)).errors).toEqual([]);
  expect((await client.ask('{ me { userId } }', {}, completeLogin.accessToken)).errors).toEqual([]);
});
