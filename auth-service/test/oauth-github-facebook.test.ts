import { randomInt } from 'node:crypto';
import { randomEmail } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '@chat/testkit/browser';
import { BAD_CODE } from '@chat/testkit/fake-oauth2-server';
import { codeIn, errorIn, MOBILE_APP, newPkce, OAuthKit, WEB_APP } from './kit/oauth-kit.js';

let kit: OAuthKit;
beforeAll(async () => {
  kit = await OAuthKit.start();
});
afterAll(() => kit?.stop());

type Email = { email: string; primary: boolean; verified: boolean };

function githubUser({ emails, ...user }: { emails?: Email[]; name?: string | null } = {}) {
  const id = randomInt(1, 2 ** 40);
  const email = randomEmail();
  const login = `octo-${id}`;
  kit.github.users.set(String(id), {
    '/user': { id, login, name: 'Mona Lisa', email: 'public@example.test', ...user },
    '/user/emails': emails ?? [
      { email: randomEmail(), primary: false, verified: true },
      { email, primary: true, verified: true },
    ],
  });
  return { subject: String(id), email, login };
}

function facebookUser(fields: object = {}) {
  const id = String(randomInt(1, 2 ** 40));
  const email = randomEmail();
  kit.facebook.users.set(id, { '/v23.0/me': { id, name: 'Ada Lovelace', first_name: 'Ada', last_name: 'Lovelace', email, ...fields } });
  return { subject: id, email };
}

const state = async () => [await kit.countOf('accounts'), await kit.countOf('oauth_codes'), await kit.countOf('sessions')];

describe('GitHub', () => {
  it('signs in on the web, with the verified primary address', async () => {
    const { subject, email, login } = githubUser();
    const hop = await kit.through('github', subject);
    expect(hop.location!.startsWith(`${WEB_APP}/auth/callback?provider=github&code=`)).toBe(true);
    const { status, body } = await kit.exchange(codeIn(hop));
    expect(status).toBe(200);
    expect(body.user).toMatchObject({ email, username: login, provider: 'github', emailVerified: true });
    const again = await kit.exchange(codeIn(await kit.through('github', subject)));
    expect(again.body.user.userId).toBe(body.user.userId);
  });

  it('accepts any name', async () => {
    const { subject } = githubUser({ name: `Mo\0na \ud83d ${'🎈'.repeat(300)}` });
    const { status, body } = await kit.exchange(codeIn(await kit.through('github', subject)));
    const { firstName } = (await kit.service.summaryOf(body.user.userId)).body;
    expect([status, firstName.startsWith('Mona \ufffd 🎈'), [...firstName].length]).toEqual([200, true, 100]);
  });

  it('signs in on mobile', async () => {
    const { verifier, challenge } = newPkce();
    const hop = await kit.through('github', githubUser().subject, `/auth/github/mobile?code_challenge=${challenge}`);
    expect(hop.location!.startsWith(`${MOBILE_APP}?provider=github&code=`)).toBe(true);
    expect((await kit.exchange(codeIn(hop))).status).toBe(400);
    expect((await kit.exchange(codeIn(hop), verifier)).status).toBe(200);
  });

  it.each([
    ['the primary address is not verified', [{ email: 'p@example.test', primary: true, verified: false }]],
    ['only another address is verified', [{ email: 'o@example.test', primary: false, verified: true }]],
    ['there is no address', []],
    ['the address is malformed', [{ email: '"a\n"@example.test', primary: true, verified: true }]],
    ['the address is too long', [{ email: `${'a'.repeat(300)}@example.test`, primary: true, verified: true }]],
  ])('is refused when %s, and nothing is stored', async (_, emails) => {
    const before = await state();
    expect(errorIn(await kit.through('github', githubUser({ emails }).subject))).toBe('email_not_verified');
    expect(await state()).toEqual(before);
  });

  it('is refused when the code is not valid, the user has no id, or the user declines', async () => {
    const before = await state();
    kit.github.answerTokenRequest = () => BAD_CODE;
    expect(errorIn(await kit.through('github', githubUser().subject))).toBe('provider_refused');
    kit.github.answerTokenRequest = null;
    kit.github.users.set('empty', { '/user': {}, '/user/emails': [] });
    expect(errorIn(await kit.through('github', 'empty'))).toBe('provider_refused');
    expect(errorIn(await kit.through('github', null))).toBe('access_denied');
    expect(await state()).toEqual(before);
  });
});

describe('Facebook', () => {
  it('signs in on the web and on mobile', async () => {
    const { subject, email } = facebookUser();
    const web = await kit.exchange(codeIn(await kit.through('facebook', subject)));
    expect(web.body.user).toMatchObject({ email, provider: 'facebook' });
    const { verifier, challenge } = newPkce();
    const hop = await kit.through('facebook', subject, `/auth/facebook/mobile?code_challenge=${challenge}`);
    expect(hop.location!.startsWith(`${MOBILE_APP}?provider=facebook&code=`)).toBe(true);
    expect((await kit.exchange(codeIn(hop), verifier)).body.user.userId).toBe(web.body.user.userId);
  });

  it('is refused without an address, and nothing is stored', async () => {
    const before = await state();
    expect(errorIn(await kit.through('facebook', facebookUser({ email: undefined }).subject))).toBe('email_not_verified');
    expect(await state()).toEqual(before);
  });

  it('is refused if addresses from Facebook count as not verified', async () => {
    const strict = await OAuthKit.start({ FACEBOOK_EMAIL_IS_VERIFIED: 'false' });
    try {
      strict.facebook.users.set('1', { '/v23.0/me': { id: '1', name: 'Ada', email: randomEmail() } });
      expect(errorIn(await strict.through('facebook', '1'))).toBe('email_not_verified');
    } finally {
      await strict.stop();
    }
  });
});

describe('a mix-up of two providers', () => {
  it('is refused at the callback, and nothing is stored', async () => {
    const before = await state();
    const browser = new Browser();
    kit.github.next = githubUser().subject;
    const start = await browser.go(`${kit.service.url}/auth/github`);
    const callback = await browser.go(start.location!);
    for (const other of ['/auth/facebook/callback', '/auth/google/callback', '/auth/github/mobile/callback']) {
      const hop = await browser.go(callback.location!.replace('/auth/github/callback', other));
      expect([hop.status, hop.location, JSON.parse(hop.body).code]).toEqual([400, null, 'BAD_USER_INPUT']);
    }
    expect(await state()).toEqual(before);
    expect(codeIn(await browser.go(callback.location!))).toHaveLength(43);
  });

  it('the same subject at two providers means two users', async () => {
    const { subject } = githubUser();
    const email = randomEmail();
    kit.facebook.users.set(subject, { '/v23.0/me': { id: subject, name: 'Other', email } });
    const github = await kit.exchange(codeIn(await kit.through('github', subject)));
    const facebook = await kit.exchange(codeIn(await kit.through('facebook', subject)));
    expect(github.body.user.userId).not.toBe(facebook.body.user.userId);
  });
});

it('over https, the cookie is bound to one host, and a mobile sign-in ends at the configured app link', async () => {
  const secure = await OAuthKit.start({ PUBLIC_URL: 'https://chat.example.test', MOBILE_APP_LINK: 'https://app.example.test/signed-in' });
  try {
    const { challenge } = newPkce();
    const open = (path: string, cookie = '') => fetch(secure.service.url + path, { redirect: 'manual', headers: { cookie } });
    const start = await open(`/auth/github/mobile?code_challenge=${challenge}`);
    const [cookie, ...attributes] = start.headers.get('set-cookie')!.split('; ');
    expect(cookie).toMatch(/^__Host-oauth-[0-9a-f]{16}=[\w-]{43}$/);
    expect(attributes).toEqual(['Max-Age=600', 'Path=/', 'HttpOnly', 'SameSite=Lax', 'Secure']);
    const toProvider = new URL(start.headers.get('location')!);
    expect(toProvider.searchParams.get('redirect_uri')).toBe('https://chat.example.test/auth/github/mobile/callback');
    const callback = `/auth/github/mobile/callback?error=access_denied&state=${toProvider.searchParams.get('state')}`;
    expect((await open(callback)).status).toBe(400);
    const end = await open(callback, cookie);
    expect(end.headers.get('location')).toBe('https://app.example.test/signed-in?provider=github&error=access_denied');
  } finally {
    await secure.stop();
  }
});
