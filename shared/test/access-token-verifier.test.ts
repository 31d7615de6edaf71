import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isMfaEnrollmentToken, MfaEnrollmentTokenVerifier } from '../src/auth/index.js';
import { eventually, internalTokensOf, TestTokens } from '../src/testing/index.js';
import { now, startVerifierKit, type VerifierKit } from './kit/verifier.js';

describe('AccessTokenVerifier', () => {
  let tokens: VerifierKit['tokens'];
  let verifier: VerifierKit['verifier'];
  let verifierOf: VerifierKit['verifierOf'];
  let claims: VerifierKit['claims'];
  let foreign: VerifierKit['foreign'];
  let refused: VerifierKit['refused'];

  beforeAll(async () => {
    ({ tokens, verifier, verifierOf, claims, foreign, refused } = await startVerifierKit());
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

  it('accepts MFA enrolment tokens only in the verifier for them, which accepts no others', async () => {
    const { jwksUrl, issuer, audience } = tokens;
    const ended = { isRevoked: (sessionId: string) => sessionId === 'ended' };
    const forEnrolment = new MfaEnrollmentTokenVerifier({ jwksUrl, issuer, audience, revokedSessions: ended });
    const [enrolment, access] = [await tokens.sign(claims, { typ: 'mfa-enrollment+jwt' }), await tokens.sign(claims)];
    // The type is that of the header, whatever a stranger has sent with the same header before.
    isMfaEnrollmentToken(enrolment.split('.')[0]!);
    expect([enrolment, access, 'x', ''].map(isMfaEnrollmentToken)).toEqual([true, false, false, false]);
    expect(await forEnrolment.verify(enrolment)).toEqual({ userId: 'u1', sessionId: 's1', token: enrolment, kind: 'mfa-enrollment' });
    await refused(enrolment);
    const notForEnrolment = [
      access,
      internalTokensOf('api-gateway').issue('auth-service', { userId: 'u1', sessionId: 's1' }),
      await tokens.sign({ ...claims, sid: 'ended' }, { typ: 'mfa-enrollment+jwt' }),
      await tokens.sign({ ...claims, exp: now() - 1 }, { typ: 'mfa-enrollment+jwt' }),
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', typ: 'mfa-enrollment+jwt', kid: tokens.publicJwk.kid })
        .sign(foreign.privateKey),
    ];
    for (const token of notForEnrolment) await expect(forEnrolment.verify(token)).rejects.toMatchObject({ kind: 'unauthenticated' });
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

  it('refuses a token that was verified before as soon as the key set does not have its key any more', async () => {
    const withdrawing = await TestTokens.start();
    const own = verifierOf({ jwksUrl: withdrawing.jwksUrl, jwksCooldownMs: 0, jwksMaxAgeMs: 50 });
    const token = await withdrawing.issue({ userId: 'u1' });
    await own.verify(token);
    withdrawing.isKeyWithdrawn = true;
    await eventually(() => refused(token, own));
    await refused(token, own);
    await withdrawing.close();
  });

  it('fetches a key set that was not used for long before it accepts a token with it', async () => {
    const withdrawing = await TestTokens.start();
    const own = verifierOf({ jwksUrl: withdrawing.jwksUrl, jwksCooldownMs: 0, jwksMaxAgeMs: 1 });
    const token = await withdrawing.issue({ userId: 'u1' });
    await own.verify(token);
    withdrawing.isKeyWithdrawn = true;
    const verifiedAt = performance.now();
    await eventually(() => performance.now() > verifiedAt + 5);
    await refused(token, own);
    await withdrawing.close();
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
});
