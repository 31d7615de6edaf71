import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { Browser, type Hop } from '@chat/testkit/browser';
import { eventually } from '@chat/shared/testing';
import { gateway } from './kit/gateway.ts';

const client = gateway();
afterAll(() => client.close());

const START = 'query ($platform: String!, $c: String) { getGoogleAuthUrl(platform: $platform, codeChallenge: $c) { url } }';
const EXCHANGE = `mutation ($code: String!, $codeVerifier: String) {
  exchangeOAuthCode(code: $code, codeVerifier: $codeVerifier) { accessToken refreshToken user { userId email provider emailVerified firstName } }
}`;

const newLogin = () => `ada-${randomBytes(6).toString('hex')}`;
const codeOf = ({ location }: Hop) => new URL(location!).searchParams.get('code');

function newPkce() {
  const codeVerifier = randomBytes(32).toString('base64url');
  return { codeVerifier, challenge: createHash('sha256').update(codeVerifier).digest('base64url') };
}

function logsOfAllServices(): string {
  const logDir = inject('logDir')!;
  return readdirSync(logDir)
    .filter((name) => /^(api-gateway|\w+-service)/.test(name))
    .map((name) => readFileSync(path.join(logDir, name), 'utf8'))
    .join('\n');
}

/** Signs in at the fake Google; returns the callback URL without opening it. */
async function signInAtGoogle(browser: Browser, login: string, platform: 'web' | 'mobile', challenge: string): Promise<string> {
  const { getGoogleAuthUrl } = await client.mustAsk(START, { platform, c: challenge });
  const begun = await browser.go(getGoogleAuthUrl.url);
  return (await browser.signIn(begun.location!, login)).location!;
}

describe.skipIf(!inject('hasFakeGoogle'))('sign-in with Google, through the gateway', () => {
  it.each(['web', 'mobile'] as const)(
    'on %s: redirects to Google and back with a code that can be exchanged for tokens once',
    async (platform) => {
      const login = newLogin();
      const browser = new Browser();
      const { codeVerifier, challenge } = newPkce();
      const callback = await browser.go(await signInAtGoogle(browser, login, platform, challenge));
      expect(callback.status).toBe(302);
      const end = new URL(callback.location!);
      expect(platform === 'mobile' ? end.href.split('?')[0] : end.pathname).toBe(
        platform === 'mobile' ? 'chatapp://auth/callback' : '/auth/callback',
      );

      const code = codeOf(callback);
      const wrong = await client.ask(EXCHANGE, { code, codeVerifier: newPkce().codeVerifier });
      expect(wrong.errors[0]!.code).toBe('BAD_USER_INPUT');
      const { exchangeOAuthCode: entered } = await client.mustAsk(EXCHANGE, { code, codeVerifier });
      expect(entered.user).toMatchObject({ email: `${login}@google.test`, provider: 'google', emailVerified: true });

      // The other services accept the token, and the Google account is linked.
      const known = await client.mustAsk('{ me { userId firstName } getLinkedAccounts { provider } }', {}, entered.accessToken);
      expect(known).toEqual({ me: { userId: entered.user.userId, firstName: 'Ada' }, getLinkedAccounts: [{ provider: 'GOOGLE' }] });
      const addresses = browser.hops.flatMap(({ url, location }) => [url, location ?? '']).join('\n');
      const logs = logsOfAllServices();
      for (const secret of [entered.accessToken, entered.refreshToken, codeVerifier, '.eyJ']) {
        expect(addresses).not.toContain(secret);
        expect(logs).not.toContain(secret);
      }
      expect(logs).toContain('listening');
      for (const name of ['state', 'code']) expect(logs).not.toContain(new URL(callback.url).searchParams.get(name));
      expect(logs).not.toContain(code);

      // A second exchange is rejected, and revokes the session of the first.
      expect((await client.ask(EXCHANGE, { code, codeVerifier })).errors[0]!.code).toBe('BAD_USER_INPUT');
      await eventually(async () => {
        const { errors } = await client.ask('{ me { userId } }', {}, entered.accessToken);
        expect(errors?.[0]?.code).toBe('UNAUTHENTICATED');
      });
    },
  );

  it('ends on a page of the gateway, because no web client is configured', async () => {
    const browser = new Browser();
    const callback = await browser.go(await signInAtGoogle(browser, newLogin(), 'web', newPkce().challenge));
    const page = await browser.go(callback.location!);
    expect([page.status, page.body.includes('You have signed in with Google')]).toEqual([200, true]);
    expect(page.body).toContain(codeOf(callback));
  });

  it('rejects the callback in another browser, a second callback, and an address that Google has not verified', async () => {
    const browser = new Browser();
    const { challenge } = newPkce();
    const url = await signInAtGoogle(browser, newLogin(), 'web', challenge);
    expect([(await new Browser().go(url)).status, (await browser.go(url)).status, (await browser.go(url)).status]).toEqual([400, 302, 400]);

    const other = new Browser();
    const hop = await other.go(await signInAtGoogle(other, `unverified-${newLogin()}`, 'web', challenge));
    expect(new URL(hop.location!).searchParams.get('error')).toBe('email_not_verified');
  });

  it('lists only the providers that have credentials', async () => {
    const { challenge } = newPkce();
    const { getOAuthProviders } = await client.mustAsk('{ getOAuthProviders }');
    expect(getOAuthProviders).toEqual(['GOOGLE']);
    const { errors } = await client.ask('query ($c: String!) { getOAuthUrl(provider: GITHUB, codeChallenge: $c) { url } }', {
      c: challenge,
    });
    expect(errors[0]!.code).toBe('NOT_CONFIGURED');
  });
});
