import { AppError } from '@chat/shared/errors';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

const bodyOfLastCall = () => kit.services.calls.at(-1)!.body;

it('starts and confirms the TOTP enrolment, and disables TOTP', async () => {
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

it('a login that needs a code fails with MFA_REQUIRED and an mfaToken for completeLogin, and returns no data', async () => {
  const ada = await kit.createUser();
  kit.services.handlers.set('POST /auth/login', () => {
    throw new AppError('mfa-required', 'sign-in/mfa-required', 'A code is needed.', { details: { mfaToken: 'the token' } });
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

it('an mfaToken is valid for completeLogin only, and MFA operations need an access token', async () => {
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
  '%s is BAD_USER_INPUT',
  async (mutation) => {
    const { errors } = await kit.ask(`mutation { ${mutation} }`, {}, (await kit.createUser()).token);
    expect(errors[0]!.extensions.code).toBe('BAD_USER_INPUT');
  },
);
