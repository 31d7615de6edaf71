import { AppError } from '@chat/shared/errors';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

const bodyOfLastCall = () => kit.services.calls.at(-1)!.body;

it('sets the second factor up, confirms it and turns it off', async () => {
  const ada = await kit.createUser();
  kit.services.handlers.set('POST /auth/totp/setup', () => ({ secret: 'ABC', otpauthUrl: 'otpauth://totp/x' }));
  kit.services.handlers.set('POST /auth/totp/confirm', () => ({ recoveryCodes: ['one', 'two'] }));
  kit.services.handlers.set('POST /auth/totp/disable', () => undefined);
  const started = await kit.ask('mutation { startTotpSetup { secret otpauthUrl } }', {}, ada.token);
  expect(started.data).toEqual({ startTotpSetup: { secret: 'ABC', otpauthUrl: 'otpauth://totp/x' } });
  const confirmed = await kit.ask('mutation { confirmTotpSetup(code: "123456") }', {}, ada.token);
  expect([confirmed.data, bodyOfLastCall()]).toEqual([{ confirmTotpSetup: ['one', 'two'] }, { code: '123456' }]);
  const disabled = await kit.ask('mutation { disableTotp(code: "654321") }', {}, ada.token);
  expect([disabled.data, bodyOfLastCall()]).toEqual([{ disableTotp: true }, { code: '654321' }]);
  expect(kit.services.calls.at(-1)!.userId).toBe(ada.userId);
});

it('a sign-in that needs a code says so with a token for completeLogin, and gives nothing else', async () => {
  const ada = await kit.createUser();
  kit.services.handlers.set('POST /auth/login', () => {
    throw new AppError('mfa-required', 'sign-in/second-factor-needed', 'A code is needed.', { details: { mfaToken: 'the token' } });
  });
  const refused = await kit.ask('mutation { login(input: { email: "ada@example.test", password: "correct horse" }) { accessToken } }');
  expect(refused.data).toBeNull();
  expect(refused.errors[0]!.extensions).toEqual({ code: 'MFA_REQUIRED', mfaToken: 'the token' });

  const user = {
    userId: ada.userId,
    email: 'ada@example.test',
    username: 'ada',
    provider: 'local',
    emailVerified: true,
    totpEnabled: true,
  };
  const tokens = { accessToken: ada.token, refreshToken: 'r', expiresInSeconds: 900, user };
  kit.services.handlers.set('POST /auth/login/complete', () => tokens);
  const complete =
    'mutation { completeLogin(mfaToken: "the token", code: "123456") { accessToken refreshToken user { userId totpEnabled } } }';
  const completed = await kit.ask(complete);
  expect(completed.data).toEqual({
    completeLogin: { accessToken: ada.token, refreshToken: 'r', user: { userId: ada.userId, totpEnabled: true } },
  });
  expect(bodyOfLastCall()).toEqual({ mfaToken: 'the token', code: '123456' });
});

it('an mfaToken opens no other door, and who is not signed in changes no second factor', async () => {
  for (const token of [undefined, 'the token'])
    for (const query of [
      'mutation { startTotpSetup { secret } }',
      'mutation { confirmTotpSetup(code: "1") }',
      'mutation { disableTotp(code: "1") }',
      '{ me { userId } }',
    ])
      expect((await kit.ask(query, {}, token)).errors[0]!.extensions.code).toBe('UNAUTHENTICATED');
});

it.each(['disableTotp(code: "")', `disableTotp(code: "${'1'.repeat(65)}")`, 'completeLogin(mfaToken: "", code: "1") { accessToken }'])(
  'refuses %s',
  async (mutation) => {
    const { errors } = await kit.ask(`mutation { ${mutation} }`, {}, (await kit.createUser()).token);
    expect(errors[0]!.extensions.code).toBe('BAD_USER_INPUT');
  },
);
