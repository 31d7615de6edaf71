import { afterAll, expect, it } from 'vitest';
import { gateway } from './kit/gateway.ts';
import type { Answer } from '@chat/testkit/graphql-client';
import { hasMailbox, mailedToken } from './kit/mailbox.ts';
import { TestUser } from '@chat/testkit/user';

const client = gateway();
afterAll(() => client.close());

const VERIFY = 'mutation ($token: String!) { verifyEmail(token: $token) }';
const REQUEST_RESET = 'mutation ($email: String!) { requestPasswordReset(email: $email) }';
const RESET = 'mutation ($token: String!, $newPassword: String!) { resetPassword(token: $token, newPassword: $newPassword) }';
const LOGIN =
  'mutation ($email: String!, $password: String!) { login(input: { email: $email, password: $password }) { user { emailVerified } } }';
const REFRESH = 'mutation ($token: String!) { refreshToken(input: { refreshToken: $token }) { accessToken } }';

const codeOf = (answer: Answer) => answer.errors[0]?.code;

it.skipIf(!hasMailbox())('the link in the mail verifies the e-mail address, once', async () => {
  const ada = await TestUser.register(client, 'ada');
  const isVerified = async () => (await ada.mustAsk('{ me { emailVerified } }')).me.emailVerified;
  const token = await mailedToken(ada.email, 'verify-email');
  expect(await isVerified()).toBe(false);
  expect(await client.mustAsk(VERIFY, { token })).toEqual({ verifyEmail: true });
  expect(await isVerified()).toBe(true);
  expect(codeOf(await client.ask(VERIFY, { token }))).toBe('BAD_USER_INPUT');
  expect(await ada.mustAsk('mutation { requestEmailVerification }')).toEqual({ requestEmailVerification: true });
});

it.skipIf(!hasMailbox())('a password reset by mail revokes all sessions', async () => {
  const ada = await TestUser.register(client, 'ada');
  const events = await ada.events();
  expect(await client.mustAsk(REQUEST_RESET, { email: ada.email })).toEqual({ requestPasswordReset: true });
  expect(await client.mustAsk(REQUEST_RESET, { email: `unknown-${ada.email}` })).toEqual({ requestPasswordReset: true });
  const token = await mailedToken(ada.email, 'reset-password');

  const newPassword = 'quite another battery';
  expect(await client.mustAsk(RESET, { token, newPassword })).toEqual({ resetPassword: true });
  await events.until(() => events.ended !== null, 'the end of the socket');
  expect(events.ended).toContain('4403');
  expect(codeOf(await ada.ask('{ me { userId } }'))).toBe('UNAUTHENTICATED');
  expect(codeOf(await client.ask(REFRESH, { token: ada.refreshToken }))).toBe('UNAUTHENTICATED');
  expect(codeOf(await client.ask(LOGIN, { email: ada.email, password: ada.password }))).toBe('UNAUTHENTICATED');
  expect(codeOf(await client.ask(RESET, { token, newPassword }))).toBe('BAD_USER_INPUT');

  const { login } = await client.mustAsk(LOGIN, { email: ada.email, password: newPassword });
  // Following a link that was mailed to the address verifies the address.
  expect(login).toEqual({ user: { emailVerified: true } });
});
