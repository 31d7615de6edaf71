import { randomUUID } from 'node:crypto';
import { randomEmail } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '@chat/testkit/browser';
import { codeIn, errorIn, MOBILE_APP, newPkce, OAuthKit, WEB_APP } from './kit/oauth-kit.js';

let kit: OAuthKit;
beforeAll(async () => {
  kit = await OAuthKit.start();
});
afterAll(() => kit?.stop());

/** A user with a Google account. */
function newUser(details: object = {}): { subject: string; email: string } {
  const subject = randomUUID();
  const email = randomEmail();
  kit.google.users.set(subject, { email, email_verified: true, given_name: 'Ada', family_name: 'Lovelace', ...details });
  return { subject, email };
}

const BAD_CODE = [400, 'BAD_USER_INPUT', 'The code is not valid. Start again.'];
const outcomeOf = ({ status, body }: { status: number; body: any }) => [status, body.code, body.detail];

describe('on the web', () => {
  it('redirects to Google and back to the client with a code, which is exchanged for tokens', async () => {
    const { subject, email } = newUser();
    const { verifier, challenge } = newPkce();
    const startUrl = await kit.service.get(`/auth/oauth/url/google?codeChallenge=${challenge}`);
    expect([startUrl.status, Date.parse(startUrl.body.expiresAt) > Date.now()]).toEqual([200, true]);

    const browser = new Browser();
    const start = await browser.go(startUrl.body.url);
    expect([start.status, start.headers.get('cache-control')]).toEqual([302, 'no-store']);
    expect(start.headers.get('set-cookie')).toMatch(/^oauth-[0-9a-f]{16}=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    const toGoogle = new URL(start.location!);
    expect(toGoogle.origin).toBe(kit.google.issuer);
    expect(Object.fromEntries(toGoogle.searchParams)).toMatchObject({
      response_type: 'code',
      redirect_uri: `${kit.service.url}/auth/google/callback`,
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.not.stringMatching(challenge),
    });

    const authorized = await browser.signIn(start.location!, subject);
    const callback = await browser.go(authorized.location!);
    expect([callback.status, callback.headers.get('referrer-policy')]).toEqual([302, 'no-referrer']);
    expect(callback.headers.get('set-cookie')).toMatch(/^oauth-[0-9a-f]{16}=; Max-Age=0;/);
    const end = new URL(callback.location!);
    expect(end.origin + end.pathname).toBe(`${WEB_APP}/auth/callback`);
    expect([...end.searchParams.keys()].sort()).toEqual(['code', 'provider']);

    const { status, body, headers } = await kit.exchange(codeIn(callback), verifier);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body.user).toMatchObject({ email, provider: 'google', emailVerified: true });
    expect((await kit.service.get('/auth/me', body.accessToken)).body.userId).toBe(body.user.userId);
    for (const { url, location } of browser.hops)
      for (const address of [url, location ?? '']) expect(address).not.toMatch(/eyJ[\w-]+\.|token=|secret/);
  });

  it('finds the same account again, whatever address Google returns later', async () => {
    const { subject } = newUser();
    const first = await kit.signInWithGoogle(subject);
    kit.google.users.set(subject, {});
    const second = await kit.signInWithGoogle(subject);
    expect(second.body.user).toEqual(first.body.user);
    const { rows } = await kit.service.database.query('select provider, provider as p from oauth_identities where user_id = $1', [
      first.body.user.userId,
    ]);
    expect(rows).toHaveLength(1);
  });

  it('publishes the names of a new user', async () => {
    const { subject } = newUser({ name: 'Ada Lovelace' });
    const { body } = await kit.signInWithGoogle(subject);
    const summary = await kit.service.summaryOf(body.user.userId);
    expect(summary.body).toMatchObject({ firstName: 'Ada', lastName: 'Lovelace', username: expect.stringMatching(/^Ada\.Lovelace/) });
  });

  it('creates one account in two concurrent exchanges, and two accounts for two users with the same name', async () => {
    const { subject } = newUser({ name: 'Grace Hopper' });
    const codes = [await kit.throughGoogle(subject), await kit.throughGoogle(subject)].map(codeIn);
    const [one, two] = await Promise.all(codes.map((code) => kit.exchange(code)));
    expect([one!.status, two!.status]).toEqual([200, 200]);
    expect(one!.body.user.userId).toBe(two!.body.user.userId);
    const other = await kit.signInWithGoogle(newUser({ name: 'Grace Hopper' }).subject);
    expect(other.body.user.username).toMatch(/^Grace\.Hopper\.\d{6}$/);
  });

  it('ends at the client with an error if the user declines', async () => {
    const browser = new Browser();
    const { location } = await browser.go(`${kit.service.url}/auth/google`);
    const state = new URL(location!).searchParams.get('state')!;
    const hop = await browser.go(`${kit.service.url}/auth/google/callback?error=access_denied&state=${state}&iss=${kit.google.issuer}`);
    expect([hop.status, errorIn(hop)]).toEqual([302, 'access_denied']);
  });

  it('ends at the gateway if there is no web client', async () => {
    const withoutClient = await OAuthKit.start({ WEB_APP_URL: '' });
    try {
      withoutClient.google.users.set('ada', { email: randomEmail(), email_verified: true });
      const { location } = await withoutClient.throughGoogle('ada');
      expect(location!.startsWith(`${withoutClient.service.config.oauth.publicUrl}/auth/callback?provider=google&code=`)).toBe(true);
    } finally {
      await withoutClient.stop();
    }
  });

  it('ends at the configured client, whatever addresses a request contains', async () => {
    const { subject } = newUser();
    const hop = await kit.throughGoogle(subject, '/auth/google?returnTo=https://evil.test&redirect_uri=https://evil.test&next=//evil');
    expect(new URL(hop.location!).origin).toBe(WEB_APP);
    expect(hop.location).not.toContain('evil');
  });
});

describe('on mobile', () => {
  it('ends at the deep link of the app', async () => {
    const { subject, email } = newUser();
    const { verifier, challenge } = newPkce();
    const startUrl = await kit.service.get(`/auth/oauth/url/google?platform=mobile&codeChallenge=${challenge}`);
    const hop = await kit.throughGoogle(subject, startUrl.body.url.slice(kit.service.url.length));
    expect(hop.url).toContain('/auth/google/mobile/callback?');
    expect(hop.location!.startsWith(`${MOBILE_APP}?`)).toBe(true);
    const { status, body } = await kit.exchange(codeIn(hop), verifier);
    expect([status, body.user.email]).toEqual([200, email]);
  });

  it('is refused without a challenge, or with a malformed one', async () => {
    for (const path of ['/auth/google/mobile', '/auth/google/mobile?code_challenge=abc', '/auth/oauth/url/google?platform=mobile'])
      expect(outcomeOf(await kit.service.get(path)).slice(0, 2)).toEqual([400, 'BAD_USER_INPUT']);
    const { challenge } = newPkce();
    const plain = await kit.service.get(`/auth/google/mobile?code_challenge=${challenge}&code_challenge_method=plain`);
    expect(plain.status).toBe(400);
  });
});

describe('the code', () => {
  it('works once', async () => {
    const code = codeIn(await kit.throughGoogle(newUser().subject));
    expect((await kit.exchange(code)).status).toBe(200);
    expect(outcomeOf(await kit.exchange(code))).toEqual(BAD_CODE);
  });

  it('is refused with a wrong verifier or none, and nothing is stored', async () => {
    const { subject } = newUser();
    const { verifier, challenge } = newPkce();
    const code = codeIn(await kit.throughGoogle(subject, `/auth/google?code_challenge=${challenge}`));
    const before = await kit.countOf('accounts');
    expect(outcomeOf(await kit.exchange(code, newPkce().verifier))).toEqual(BAD_CODE);
    expect(outcomeOf(await kit.exchange(code))).toEqual(BAD_CODE);
    expect(await kit.countOf('accounts')).toBe(before);
    expect((await kit.exchange(code, verifier)).status).toBe(200);
  });

  it('is refused with a verifier if there was no challenge', async () => {
    const code = codeIn(await kit.throughGoogle(newUser().subject));
    expect(outcomeOf(await kit.exchange(code, newPkce().verifier))).toEqual(BAD_CODE);
  });

  it('expires after a minute', async () => {
    const code = codeIn(await kit.throughGoogle(newUser().subject));
    const { rows } = await kit.service.database.query('select max(expires_at) - now() as left from oauth_codes');
    expect(rows[0].left.seconds).toBeGreaterThan(50);
    await kit.service.database.query("update oauth_codes set expires_at = expires_at - interval '61 seconds'");
    expect(outcomeOf(await kit.exchange(code))).toEqual(BAD_CODE);
  });

  it('is stored as a hash', async () => {
    const code = codeIn(await kit.throughGoogle(newUser().subject));
    const { rows } = await kit.service.database.query('select * from oauth_codes');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(code);
    expect((await kit.exchange('unknown')).status).toBe(400);
  });
});

describe('a callback is refused, and nothing is stored,', () => {
  let before: number[];
  const state = async () => [await kit.countOf('accounts'), await kit.countOf('oauth_codes'), await kit.countOf('sessions')];
  const refused = async (hop: { status: number; location: string | null; body: string }) => {
    expect([hop.status, hop.location, JSON.parse(hop.body).code]).toEqual([400, null, 'BAD_USER_INPUT']);
    expect(await state()).toEqual(before);
  };
  /** Signs in at Google. Returns the address of our callback, which is not opened yet. */
  const callbackAfterSignIn = async (browser: Browser, start = '/auth/google') => {
    const { location } = await browser.go(`${kit.service.url}${start}`);
    const authorized = await browser.signIn(location!, newUser().subject);
    before = await state();
    return authorized.location!;
  };

  it('without a state, with an unknown one, or with two', async () => {
    const browser = new Browser();
    const url = new URL(await callbackAfterSignIn(browser));
    const real = url.searchParams.get('state')!;
    url.searchParams.delete('state');
    await refused(await browser.go(url.href));
    url.searchParams.set('state', 'x'.repeat(43));
    await refused(await browser.go(url.href));
    url.searchParams.append('state', real);
    await refused(await browser.go(url.href));
  });

  it('in another browser than the one that began', async () => {
    const url = await callbackAfterSignIn(new Browser());
    await refused(await new Browser().go(url));
    const other = new Browser();
    await other.go(`${kit.service.url}/auth/google`);
    before = await state();
    await refused(await other.go(url));
    // The name of the cookie is not secret; its value is.
    const own = new Browser();
    const victims = await callbackAfterSignIn(own);
    const [name] = [...own.cookies.get(kit.service.url)!.keys()];
    other.cookies.set(kit.service.url, new Map([[name!, 'x'.repeat(43)]]));
    await refused(await other.go(victims));
    expect((await own.go(victims)).status).toBe(302);
  });

  it('a second time', async () => {
    const browser = new Browser();
    const url = await callbackAfterSignIn(browser);
    const cookies = new Map(browser.cookies.get(kit.service.url));
    expect((await browser.go(url)).status).toBe(302);
    before = await state();
    browser.cookies.set(kit.service.url, cookies);
    await refused(await browser.go(url));
  });

  it('at the path of another platform or provider', async () => {
    const browser = new Browser();
    const url = await callbackAfterSignIn(browser);
    await refused(await browser.go(url.replace('/auth/google/callback', '/auth/google/mobile/callback')));
  });

  it('after ten minutes', async () => {
    const browser = new Browser();
    const url = await callbackAfterSignIn(browser);
    await kit.service.database.query("update oauth_attempts set expires_at = expires_at - interval '601 seconds'");
    await refused(await browser.go(url));
  });

  it('with another issuer, or with the code of another attempt', async () => {
    for (const change of [{ iss: 'https://evil.test' }, { code: 'x'.repeat(43) }]) {
      const browser = new Browser();
      const url = new URL(await callbackAfterSignIn(browser));
      for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value);
      const hop = await browser.go(url.href);
      expect([hop.status, errorIn(hop)]).toEqual([302, 'provider_refused']);
      expect(await state()).toEqual(before);
    }
    // A code that Google issued for the attempt of another browser. Verifier and nonce of this attempt do not match it.
    const stolen = new URL(await callbackAfterSignIn(new Browser())).searchParams.get('code')!;
    const browser = new Browser();
    const url = new URL(await callbackAfterSignIn(browser));
    url.searchParams.set('code', stolen);
    expect(errorIn(await browser.go(url.href))).toBe('provider_refused');
    expect(await state()).toEqual(before);
  });

  it.each([
    ['not verified', { email_verified: false }],
    ['without the claim that it is verified', { email_verified: undefined }],
    ['missing', { email: undefined }],
  ])('when the address is %s', async (_, details) => {
    before = await state();
    const hop = await kit.throughGoogle(newUser(details).subject);
    expect([hop.status, errorIn(hop)]).toEqual([302, 'email_not_verified']);
    expect(await state()).toEqual(before);
  });
});

it('refuses an expired link', async () => {
  const old = Math.floor(Date.now() / 1000) - 1;
  expect((await kit.service.get(`/auth/google?expires=${old}`)).status).toBe(400);
  expect((await kit.service.get('/auth/google?expires=soon')).status).toBe(400);
});

it('responds with UNAVAILABLE while Google is unavailable, and stores nothing', async () => {
  const unavailable = await OAuthKit.start({ GOOGLE_ISSUER: 'http://127.0.0.1:1' });
  try {
    expect(outcomeOf(await unavailable.service.get('/auth/google')).slice(0, 2)).toEqual([503, 'UNAVAILABLE']);
    expect(await unavailable.countOf('oauth_attempts')).toBe(0);
  } finally {
    await unavailable.stop();
  }
});

it('offers the providers that have credentials, and responds with NOT_CONFIGURED for the others', async () => {
  expect((await kit.service.get('/auth/oauth/providers')).body).toEqual(['google', 'github', 'facebook']);
  const { challenge } = newPkce();
  const none = await OAuthKit.start({ GOOGLE_CLIENT_ID: '', GOOGLE_CLIENT_SECRET: '', GITHUB_CLIENT_ID: '', GITHUB_CLIENT_SECRET: '' });
  const outcome = async (path: string) => outcomeOf(await none.service.get(path)).slice(0, 2);
  try {
    expect((await none.service.get('/auth/oauth/providers')).body).toEqual(['facebook']);
    for (const provider of ['google', 'github'])
      for (const path of [
        provider,
        `${provider}/callback?state=x`,
        `${provider}/mobile?code_challenge=${challenge}`,
        `oauth/url/${provider}`,
      ])
        expect(await outcome(`/auth/${path}`)).toEqual([501, 'NOT_CONFIGURED']);
    const idToken = await none.service.post('/auth/oauth/id-token', { provider: 'google', idToken: 'x', nonce: 'n' });
    expect(outcomeOf(idToken).slice(0, 2)).toEqual([501, 'NOT_CONFIGURED']);
    // The request itself is validated first.
    expect(await outcome('/auth/google/mobile')).toEqual([400, 'BAD_USER_INPUT']);
    expect(await outcome('/auth/oauth/url/myspace')).toEqual([400, 'BAD_USER_INPUT']);
  } finally {
    await none.stop();
  }
});
