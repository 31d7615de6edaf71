import { afterAll, expect, it } from 'vitest';
import { AuthenticatorApp } from '@chat/testkit/authenticator';
import { eventually } from '@chat/shared/testing';
import { gateway } from './kit/gateway.ts';
import type { Answer } from '@chat/testkit/graphql-client';
import { TestUser } from '@chat/testkit/user';
import { Subscription } from '@chat/testkit/subscription';

const client = gateway();
afterAll(() => client.close());

const LOG_IN = `mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken user { totpEnabled } } }`;
const COMPLETE = `mutation ($mfaToken: String!, $code: String!) { completeLogin(mfaToken: $mfaToken, code: $code) { accessToken refreshToken user { userId totpEnabled } } }`;
const NOTIFIED = 'subscription { notificationReceived { type title data read } }';

const codeOf = (answer: Answer) => answer.errors[0]?.code;
const logIn = ({ email, password }: TestUser, headers: Record<string, string> = {}) =>
  client.ask(LOG_IN, { input: { email, password } }, undefined, headers);

async function withSecondFactor() {
  const user = await TestUser.register(client, 'ada');
  const { startTotpSetup } = await user.mustAsk('mutation { startTotpSetup { secret otpauthUrl } }');
  const app = new AuthenticatorApp(startTotpSetup.otpauthUrl);
  const confirm = 'mutation ($code: String!) { confirmTotpSetup(code: $code) }';
  const { confirmTotpSetup } = await user.mustAsk(confirm, { code: await app.nextCode() });
  return { user, app, recoveryCodes: confirmTotpSetup as string[] };
}

it('with TOTP a login needs a TOTP code or a recovery code, and each works once', async () => {
  const { user, app, recoveryCodes } = await withSecondFactor();
  expect(new Set(recoveryCodes).size).toBe(10);
  expect(await user.mustAsk('{ me { totpEnabled } }')).toEqual({ me: { totpEnabled: true } });

  const refused = await logIn(user);
  expect([codeOf(refused), refused.data]).toEqual(['MFA_REQUIRED', null]);
  expect(refused.text).not.toContain('accessToken');
  const mfaToken = refused.errors[0]!.extensions['mfaToken'] as string;

  // Only completeLogin accepts the mfaToken.
  expect(codeOf(await client.ask('{ me { userId } }', {}, mfaToken))).toBe('UNAUTHENTICATED');
  const refresh = 'mutation ($token: String!) { refreshToken(input: { refreshToken: $token }) { accessToken } }';
  expect(codeOf(await client.ask(refresh, { token: mfaToken }))).toBe('UNAUTHENTICATED');
  const socket = new Subscription({ wsUrl: user.wsUrl, token: mfaToken, query: NOTIFIED });
  await socket.until(() => socket.ended !== null, 'the end of the socket');
  expect(socket.ended).toContain('4403');

  expect(codeOf(await client.ask(COMPLETE, { mfaToken, code: 'wrong!' }))).toBe('UNAUTHENTICATED');
  const code = await app.nextCode();
  const completed = await client.mustAsk(COMPLETE, { mfaToken, code });
  expect(completed.completeLogin.user).toEqual({ userId: user.userId, totpEnabled: true });
  expect(await client.mustAsk('{ me { userId } }', {}, completed.completeLogin.accessToken)).toEqual({ me: { userId: user.userId } });

  const again = (await logIn(user)).errors[0]!.extensions['mfaToken'] as string;
  expect(codeOf(await client.ask(COMPLETE, { mfaToken: again, code }))).toBe('UNAUTHENTICATED');
  expect((await client.ask(COMPLETE, { mfaToken: again, code: recoveryCodes[0]! })).errors).toEqual([]);
  const disable = 'mutation ($code: String!) { disableTotp(code: $code) }';
  expect(codeOf(await user.ask(disable, { code: recoveryCodes[0]! }))).toBe('BAD_USER_INPUT');
  expect(await user.mustAsk(disable, { code: recoveryCodes[1]! })).toEqual({ disableTotp: true });
  expect((await logIn(user)).data?.login.user).toEqual({ totpEnabled: false });
});

it('a login from a new device gives the user a notification, live and in the list', async () => {
  const user = await TestUser.register(client, 'ada');
  const live = user.subscribe(NOTIFIED);
  // The first login comes from the program that registered: no notification.
  expect((await logIn(user)).errors).toEqual([]);
  expect((await logIn(user, { 'user-agent': 'phone/1.0', 'x-device-id': 'a phone' })).errors).toEqual([]);
  expect((await logIn(user, { 'user-agent': 'phone/1.0', 'x-device-id': 'a phone' })).errors).toEqual([]);
  const expected = { type: 'SYSTEM', title: 'New sign-in', data: { sessionId: expect.any(String) }, read: false };
  const list = async () => (await user.mustAsk('{ getNotifications { data { type title data read } } }')).getNotifications.data;
  await eventually(async () => expect(await list()).toEqual([expected]));
  await live.until(() => live.items.length > 0, 'the notification');
  expect(live.items).toEqual([expected]);
  const { getSessions } = await user.mustAsk('{ getSessions { id userAgent } }');
  const { sessionId } = (await list())[0].data;
  expect(getSessions.find(({ id }: { id: string }) => id === sessionId)).toMatchObject({ userAgent: 'phone/1.0' });
  await live.close();
});

it('a login that carries the access token of a session replaces that session and closes its sockets', async () => {
  const { user, app } = await withSecondFactor();
  const socket = user.subscribe(NOTIFIED);
  const other = await TestUser.register(client, 'ben');
  const { mfaToken } = (await client.ask(LOG_IN, { input: { email: user.email, password: user.password } }, user.accessToken)).errors[0]!
    .extensions as { mfaToken: string };
  expect((await user.ask('{ me { userId } }')).errors).toEqual([]);
  const { completeLogin } = await client.mustAsk(COMPLETE, { mfaToken, code: await app.nextCode() }, user.accessToken);
  await socket.until(() => socket.ended !== null, 'the end of the socket');
  expect(socket.ended).toContain('4403');
  expect(codeOf(await user.ask('{ me { userId } }'))).toBe('UNAUTHENTICATED');
  const { getSessions } = await client.mustAsk('{ getSessions { current } }', {}, completeLogin.accessToken);
  expect(getSessions).toEqual([{ current: true }]);

  // The access token of another user revokes nothing.
  const { email, password } = other;
  expect((await client.ask(LOG_IN, { input: { email, password } }, completeLogin.accessToken)).errors).toEqual([]);
  expect((await client.ask('{ me { userId } }', {}, completeLogin.accessToken)).errors).toEqual([]);
});
