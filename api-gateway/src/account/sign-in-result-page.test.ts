import { expect, it } from 'vitest';
import { signInResultPage } from './sign-in-result-page.js';

const CODE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const pageFor = (query: string) => signInResultPage(new URLSearchParams(query));

it('says with which provider the user has signed in, and how a client redeems the code', () => {
  const { status, html } = pageFor(`provider=github&code=${CODE}`);
  expect([status, html.includes('You have signed in with GitHub')]).toEqual([200, true]);
  expect(html).toContain(`exchangeOAuthCode(code: "${CODE}"`);
  expect(html).toContain('WEB_APP_URL');
});

it.each([
  ['access_denied', 'You declined'],
  ['email_not_verified', 'Verify your address at Google'],
  ['other_account_linked', 'linked to another Google account'],
  ['provider_refused', 'Google refused'],
  ['provider_unavailable', 'Google does not respond'],
])('says in words what %s means', (error, words) => {
  const { status, html } = pageFor(`provider=google&error=${error}`);
  expect([status, html.includes('The sign-in with Google has failed'), html.includes(words)]).toEqual([200, true, true]);
});

it.each([
  'provider=google',
  `provider=evil&code=${CODE}`,
  `provider=__proto__&code=${CODE}`,
  `provider=google&error=toString`,
  `provider=google&code=${CODE}&error=access_denied`,
  `provider=google&code=${encodeURIComponent('<script>alert(1)</script>')}`,
  `provider=google&code=${encodeURIComponent(`${CODE}\n<b>`)}`,
  `provider=${encodeURIComponent('<b>')}&error=access_denied`,
  '',
])('contains nothing of the query “%s”, which auth-service does not make', (query) => {
  const { status, html } = pageFor(query);
  expect([status, html.includes('not the result of a sign-in')]).toEqual([400, true]);
  expect(html).not.toMatch(/<script|<b>|evil|E9Melhoa/);
});
