import { AppError } from '@chat/shared/errors';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
  for (const path of ['email/verification', 'email/verify', 'password/forgot', 'password/reset'])
    kit.services.handlers.set(`POST /auth/${path}`, () => undefined);
});
afterAll(() => kit?.stop());

const codeOf = async (query: string, token?: string) => (await kit.ask(query, {}, token)).errors[0]!.extensions.code;

it('requestEmailVerification sends the link for the current user', async () => {
  const ada = await kit.createUser();
  expect((await kit.ask('mutation { requestEmailVerification }', {}, ada.token)).data).toEqual({ requestEmailVerification: true });
  expect(kit.services.calls.at(-1)).toMatchObject({ path: '/auth/email/verification', userId: ada.userId });
  expect(await codeOf('mutation { requestEmailVerification }')).toBe('UNAUTHENTICATED');
});

it.each([
  ['verifyEmail(token: "t")', '/auth/email/verify', { token: 't' }],
  ['requestPasswordReset(email: "ada@example.test")', '/auth/password/forgot', { email: 'ada@example.test' }],
  ['resetPassword(token: "t", newPassword: "another horse")', '/auth/password/reset', { token: 't', newPassword: 'another horse' }],
])('%s needs no token', async (mutation, path, body) => {
  const name = mutation.slice(0, mutation.indexOf('('));
  expect((await kit.ask(`mutation { ${mutation} }`)).data).toEqual({ [name]: true });
  expect(kit.services.calls.at(-1)).toMatchObject({ path, body, userId: null });
});

it('passes on the errors of auth-service', async () => {
  kit.services.handlers.set('POST /auth/email/verify', () => {
    throw new AppError('invalid', 'mail/bad-token', 'This link has expired.');
  });
  expect(await codeOf('mutation { verifyEmail(token: "t") }')).toBe('BAD_USER_INPUT');
  kit.services.handlers.set('POST /auth/password/forgot', () => {
    throw new AppError('rate-limited', 'mail/too-many', 'Too many mails.', { details: { retryAfterSeconds: 7 } });
  });
  const { errors } = await kit.ask('mutation { requestPasswordReset(email: "ada@example.test") }');
  expect(errors[0]!.extensions).toEqual({ code: 'RATE_LIMITED', retryAfterSeconds: 7 });
});

it.each([
  `verifyEmail(token: "${'t'.repeat(513)}")`,
  `requestPasswordReset(email: "${'a'.repeat(255)}")`,
  `resetPassword(token: "t", newPassword: "${'p'.repeat(1025)}")`,
  'verifyEmail',
])('%s is rejected before any service is called', async (mutation) => {
  const before = kit.services.calls.length;
  const { errors } = await kit.ask(`mutation { ${mutation} }`);
  expect(['BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED']).toContain(errors[0]!.extensions.code);
  expect(kit.services.calls.length).toBe(before);
});
