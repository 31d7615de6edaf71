import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessTokenVerifier, InternalTokens, isMfaEnrollmentToken, MfaEnrollmentTokenVerifier } from '../src/auth/index.js';
import { eventually, TestTokens } from '../src/testing/index.js';

const SECRET = 'an-internal-secret-with-enough-characters';
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

describe('AccessTokenVerifier', () => {
  let tokens: TestTokens;
  let verifier: AccessTokenVerifier;
  let claims: Record<string, unknown>;
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  const verifierOf = (more: Partial<ConstructorParameters<typeof AccessTokenVerifier>[0]> = {}) =>
    new AccessTokenVerifier({ jwksUrl: tokens.jwksUrl, issuer: tokens.issuer, audience: tokens.audience, internalSecret: null, ...more });
  const refused = (token: string, by = verifier) =>
    expect(by.verify(token)).rejects.toMatchObject({ name: 'AppError', kind: 'unauthenticated' });

  beforeAll(async () => {
    tokens = await TestTokens.start();
    verifier = verifierOf();
    claims = { iss: tokens.issuer, aud: tokens.audience, sub: 'u1', sid: 's1', iat: now(), exp: now() + 900, jti: 'j1' };
  });
  afterAll(() => tokens.close());

  it('gives the user and the session of a token', async () => {
    const token = await tokens.issue({ userId: 'u1', sessionId: 's1' });
    expect(await verifier.verify(token)).toEqual({ userId: 'u1', sessionId: 's1', token, kind: 'user' });
  });

  it('verifies a new token once for all concurrent requests with it, and answers them in order', async () => {
    const token = await tokens.issue({ userId: 'u1', sessionId: 's1' });
    const fresh = verifierOf();
    const order: number[] = [];
    const users = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        fresh.verify(token).then((user) => {
          order.push(n);
          return user;
        }),
      ),
    );
    expect(new Set(users).size).toBe(1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    const bad = `${token.slice(0, -4)}AAAA`;
    await Promise.all([refused(bad, fresh), refused(bad, fresh)]);
    await refused(bad, fresh);
  });

  it('refuses alg none, with and without a signature', async () => {
    const body = encode(claims);
    for (const alg of ['none', 'None', 'NONE', '']) {
      await refused(`${encode({ alg, typ: 'at+jwt', kid: tokens.publicJwk.kid })}.${body}.`);
      await refused(`${encode({ alg, typ: 'at+jwt', kid: tokens.publicJwk.kid })}.${body}.AAAA`);
    }
    const good = await tokens.sign(claims);
    await refused(`${good.split('.').slice(0, 2).join('.')}.`);
  });

  it('refuses HS256 keyed with the text of the public key', async () => {
    const { publicKey } = foreign;
    const texts = [
      publicKey.export({ type: 'spki', format: 'pem' }) as string,
      JSON.stringify(tokens.publicJwk),
      JSON.stringify({ keys: [tokens.publicJwk] }),
      tokens.publicJwk.x!,
    ];
    for (const text of texts) {
      const body = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: tokens.publicJwk.kid })}.${encode(claims)}`;
      await refused(`${body}.${createHmac('sha256', text).update(body).digest('base64url')}`);
      await refused(`${body}.${createHmac('sha256', text).update(body).digest('base64url')}`, verifierOf({ internalSecret: SECRET }));
    }
  });

  it('refuses the key of an attacker, and sends no request to a URL in a token', async () => {
    let asked = 0;
    const attacker = createServer((_, response) => {
      asked++;
      response.end('{}');
    });
    await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(attacker.address() as AddressInfo).port}/jwks.json`;
    const jwk = await exportJWK(foreign.publicKey);
    const { kid } = tokens.publicJwk;
    const headers = [
      { kid },
      { kid, jwk },
      { jwk },
      { kid, jku: url },
      { jku: url },
      { kid, x5u: url },
      { kid: url },
      { kid: '../../etc/passwd' },
      {},
    ];
    for (const header of headers) {
      await refused(
        await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header } as never).sign(foreign.privateKey),
      );
    }
    // Further fields in the header of a good token have no effect.
    expect(await verifier.verify(await tokens.sign(claims, { jku: url, jwk }))).toMatchObject({ userId: 'u1' });
    expect(asked).toBe(0);
    attacker.close();
  });

  it.each([
    ['expired', { exp: now() - 1 }],
    ['not yet valid', { nbf: now() + 300 }],
    ['issued in the future', { iat: now() + 3600, exp: now() + 7200 }],
    ['of another issuer', { iss: 'evil' }],
    ['for another audience', { aud: 'other' }],
    ['without an end', { exp: undefined }],
    ['without a subject', { sub: undefined }],
    ['without a session', { sid: undefined }],
    ['without an id', { jti: undefined }],
    ['with a subject that is no text', { sub: 7 }],
    ['with an empty session', { sid: '' }],
  ])('refuses a token that is %s', async (_what, change) => {
    await refused(await tokens.sign({ ...claims, ...change }));
  });

  it.each(['JWT', 'internal+jwt', 'mfa-enrollment+jwt', 'rt+jwt', undefined])('refuses the type %s', async (typ) => {
    await refused(await tokens.sign(claims, { typ }));
  });

  it('accepts MFA enrolment tokens only in the verifier for them, which accepts no others', async () => {
    const { jwksUrl, issuer, audience } = tokens;
    const ended = { isRevoked: (sessionId: string) => sessionId === 'ended' };
    const forEnrolment = new MfaEnrollmentTokenVerifier({ jwksUrl, issuer, audience, revokedSessions: ended });
    const [enrolment, access] = [await tokens.sign(claims, { typ: 'mfa-enrollment+jwt' }), await tokens.sign(claims)];
    expect([enrolment, access, 'x', ''].map(isMfaEnrollmentToken)).toEqual([true, false, false, false]);
    expect(await forEnrolment.verify(enrolment)).toEqual({ userId: 'u1', sessionId: 's1', token: enrolment, kind: 'mfa-enrollment' });
    await refused(enrolment);
    const notForEnrolment = [
      access,
      new InternalTokens(SECRET).issue('u1', 's1'),
      await tokens.sign({ ...claims, sid: 'ended' }, { typ: 'mfa-enrollment+jwt' }),
      await tokens.sign({ ...claims, exp: now() - 1 }, { typ: 'mfa-enrollment+jwt' }),
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', typ: 'mfa-enrollment+jwt', kid: tokens.publicJwk.kid })
        .sign(foreign.privateKey),
    ];
    for (const token of notForEnrolment) await expect(forEnrolment.verify(token)).rejects.toMatchObject({ kind: 'unauthenticated' });
  });

  it('refuses texts that are not tokens', async () => {
    const good = await tokens.sign(claims);
    const [header, body, signature] = good.split('.');
    for (const text of [
      '',
      '.',
      '..',
      'abc',
      randomUUID(),
      Buffer.alloc(32, 7).toString('base64url'),
      `${good}.x`,
      ` ${good}`,
      `${header}.${encode({ ...claims, sub: 'u2' })}.${signature}`,
      `${header}.${body}.${signature!.slice(0, -2)}`,
      'x'.repeat(100_000),
      `${'['.repeat(3000)}.a.b`,
    ])
      await refused(text);
    await refused(await tokens.sign(claims, { crit: ['urn:unknown'], 'urn:unknown': true }));
  });

  it('refuses a cached token as soon as it expires or its session is revoked', async () => {
    const revoked = new Set<string>();
    const own = verifierOf({ revokedSessions: { isRevoked: (sid) => revoked.has(sid) } });
    const token = await tokens.sign({ ...claims, sid: 's2', exp: now() + 3 });
    expect(await own.verify(token)).toMatchObject({ sessionId: 's2' });
    await eventually(() => expect(own.verify(token)).rejects.toMatchObject({ code: 'auth/token-expired' }));

    const other = await tokens.issue({ userId: 'u1', sessionId: 's3' });
    await own.verify(other);
    revoked.add('s3');
    await expect(own.verify(other)).rejects.toMatchObject({ kind: 'unauthenticated', code: 'auth/session-revoked' });
  });

  it('fetches the key set for unknown keys at most once per cooldown, whatever the number of tokens that name them', async () => {
    const own = verifierOf({ jwksCooldownMs: 60_000 });
    await own.verify(await tokens.issue({ userId: 'u1' }));
    const before = tokens.jwksRequests;
    const forged = await Promise.all(
      Array.from({ length: 1000 }, (_, i) =>
        new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: `unknown-${i}` }).sign(foreign.privateKey),
      ),
    );
    const results = await Promise.allSettled(forged.map((token) => own.verify(token)));
    expect(results.every((result) => result.status === 'rejected' && result.reason.kind === 'unauthenticated')).toBe(true);
    expect(tokens.jwksRequests - before).toBeLessThanOrEqual(1);
  });

  it('accepts tokens with known keys while auth-service is unavailable, and reports an unknown key as unavailable', async () => {
    const leaving = await TestTokens.start();
    const own = verifierOf({ jwksUrl: leaving.jwksUrl, jwksCooldownMs: 1 });
    await own.verify(await leaving.issue({ userId: 'u1' }));
    const later = await leaving.issue({ userId: 'u2' });
    await leaving.close();
    expect(await own.verify(later)).toMatchObject({ userId: 'u2' });
    await expect(own.verify(await tokens.issue({ userId: 'u1' }))).rejects.toMatchObject({ kind: 'unavailable', code: 'auth/unavailable' });
    const never = verifierOf({ jwksUrl: leaving.jwksUrl });
    await expect(never.verify(later)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('accepts internal tokens only where this is configured, and only with the right key', async () => {
    const inner = verifierOf({ internalSecret: SECRET });
    const token = new InternalTokens(SECRET).issue('u9', 's9');
    expect(await inner.verify(token)).toEqual({ userId: 'u9', sessionId: 's9', token, kind: 'internal' });
    await refused(token);
    await refused(new InternalTokens('another-secret-that-is-also-long-enough').issue('u9', 's9'), inner);
    const [header, , signature] = token.split('.');
    await refused(`${header}.${encode({ iss: 'chat-internal', sub: 'u1', sid: 's', iat: now(), exp: now() + 60 })}.${signature}`, inner);
    // An access token is no internal token, whatever its header says.
    await refused(await tokens.sign(claims, { typ: 'internal+jwt' }), inner);
    expect(await inner.verify(await tokens.issue({ userId: 'u1' }))).toMatchObject({ kind: 'user' });
  });
});
