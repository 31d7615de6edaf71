import { randomInt, randomUUID } from 'node:crypto';
import { randomEmail, randomUsername } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeIn, OAuthKit } from './kit/oauth-kit.js';

// An account is linked by its e-mail address only if the provider is an authority for the address.

let kit: OAuthKit;
beforeAll(async () => {
  kit = await OAuthKit.start();
});
afterAll(() => kit?.stop());

const sql = (text: string, values: unknown[]) => kit.service.database.query(text, values);
const identitiesOf = async (userId: string) =>
  (await sql('select provider from oauth_identities where user_id = $1', [userId])).rows.map(({ provider }) => provider);

async function userWith(email: string, { isVerified }: { isVerified: boolean }) {
  const ada = await kit.service.register({ email });
  if (isVerified) await sql('update accounts set email_verified_at = now() where id = $1', [ada.user.userId]);
  return ada;
}

/** The code of a sign-in at Google with these claims, or at Facebook. */
async function googleCode(claims: object): Promise<string> {
  const subject = randomUUID();
  kit.google.users.set(subject, { email_verified: true, ...claims });
  return codeIn(await kit.throughGoogle(subject));
}
async function facebookCode(email: string): Promise<string> {
  const id = String(randomInt(1, 2 ** 40));
  kit.facebook.users.set(id, { '/v23.0/me': { id, name: 'Ada', email } });
  return codeIn(await kit.through('facebook', id));
}

const exchange = (code: string, token?: string) => kit.service.post('/auth/oauth/exchange', { code }, token);
const company = () => randomEmail().replace('example.test', 'Company.example');

describe.each([{ isVerified: true }, { isVerified: false }])('an account with an address ($isVerified)', ({ isVerified }) => {
  it.each<[string, (email: string) => Promise<string>]>([
    ['Google, for an address of another mail server', (email) => googleCode({ email })],
    ['Google, for an address outside the domain of its organisation', (email) => googleCode({ email, hd: 'example.test' })],
    ['Facebook', facebookCode],
  ])('is not linked, and not changed, by %s', async (_, codeOf) => {
    const email = company();
    const ada = await userWith(email, { isVerified });
    const { status, body } = await exchange(await codeOf(email));
    expect([status, body.code, body.type]).toEqual([409, 'CONFLICT', 'urn:chat:error:oauth/sign-in-first']);
    expect(await identitiesOf(ada.user.userId)).toEqual([]);
    const login = await kit.service.post('/auth/login', { email, password: ada.password });
    expect([login.status, login.body.user.emailVerified]).toEqual([200, isVerified]);
    expect((await kit.service.refresh(ada.refreshToken)).status).toBe(200);
  });

  it.each<[string, () => { email: string; hd?: string }]>([
    ['an address of Gmail', () => ({ email: `${randomUsername()}@GMail.com` })],
    ['an address of Googlemail', () => ({ email: `${randomUsername()}@googlemail.com` })],
    ['an address of the domain of its organisation', () => ({ email: company(), hd: 'company.example' })],
  ])('is linked to Google for %s', async (_, claimsOf) => {
    const claims = claimsOf();
    const { user } = await userWith(claims.email, { isVerified });
    const { status, body } = await exchange(await googleCode(claims));
    expect([status, body.user.userId]).toEqual([200, user.userId]);
    expect(await identitiesOf(user.userId)).toEqual(['google']);
  });
});

describe('the owner signs in first, and then at the provider', () => {
  it.each<[string, (email: string) => Promise<string>]>([
    ['Google', (email) => googleCode({ email })],
    ['Facebook', facebookCode],
  ])('%s is linked, and the password stays', async (_, codeOf) => {
    const ada = await userWith(company(), { isVerified: false });
    const { status, body } = await exchange(await codeOf(ada.user.email), ada.accessToken);
    expect([status, body.user.userId, body.user.emailVerified]).toEqual([200, ada.user.userId, false]);
    expect(await identitiesOf(ada.user.userId)).toHaveLength(1);
    expect((await kit.service.post('/auth/login', { email: ada.user.email, password: ada.password })).status).toBe(200);
  });

  it('a token of another account does not suffice', async () => {
    const [ada, ben] = [await userWith(company(), { isVerified: true }), await kit.service.register()];
    expect((await exchange(await facebookCode(ada.user.email), ben.accessToken)).status).toBe(409);
    expect(await identitiesOf(ada.user.userId)).toEqual([]);
  });

  it('a login of more than ten minutes ago does not suffice', async () => {
    const ada = await userWith(company(), { isVerified: true });
    await sql("update sessions set created_at = now() - interval '11 minutes' where user_id = $1", [ada.user.userId]);
    const { status, body } = await exchange(await facebookCode(ada.user.email), ada.accessToken);
    expect([status, body.code]).toEqual([403, 'FORBIDDEN']);
    expect(await identitiesOf(ada.user.userId)).toEqual([]);
  });
});
