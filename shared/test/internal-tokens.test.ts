import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessTokenVerifier, InternalTokens, keyIdOf } from '../src/auth/index.js';
import type { RunningService } from '../src/bootstrap/index.js';
import { InternalIssuerConfig, loadConfig } from '../src/config/index.js';
import { internalKeysEnv, internalTokensOf, testPublicKeys, TestTokens } from '../src/testing/index.js';
import { call } from './kit/http.js';
import { startSampleService } from './kit/sample-service.js';
import { encode, now } from './kit/verifier.js';

const USER = { userId: 'u1', sessionId: 's1' };
const keyOf = (issuer: 'api-gateway' | 'chat-service') => loadConfig(InternalIssuerConfig, internalKeysEnv(issuer)).signingKey;
const kidOf = (issuer: 'api-gateway' | 'chat-service') => keyIdOf(testPublicKeys().find((one) => one.issuer === issuer)!.key);

let tokens: TestTokens;
beforeAll(async () => {
  tokens = await TestTokens.start();
});
afterAll(() => tokens?.close());

function verifierOf(publicKeys = testPublicKeys(), revoked = new Set<string>()): AccessTokenVerifier {
  const { jwksUrl, issuer, audience } = tokens;
  const revokedSessions = { isRevoked: (sessionId: string) => revoked.has(sessionId) };
  return new AccessTokenVerifier({ jwksUrl, issuer, audience, revokedSessions, internalTokens: { receiver: 'chat-service', publicKeys } });
}

describe('an internal token', () => {
  it('says which service makes the request, and for which user', async () => {
    const token = internalTokensOf('api-gateway').issue('chat-service', USER);
    expect(await verifierOf().verify(token)).toEqual({ ...USER, token, kind: 'internal', issuer: 'api-gateway' });
    expect(internalTokensOf('api-gateway').issue('auth-service', USER)).not.toBe(token);
  });

  it('of a revoked session is refused', async () => {
    const revoked = new Set<string>();
    const verifier = verifierOf(testPublicKeys(), revoked);
    const token = internalTokensOf('api-gateway').issue('chat-service', USER);
    await verifier.verify(token);
    revoked.add('s1');
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'auth/session-revoked' });
  });

  it('is accepted with the old and with the new key while both are listed', async () => {
    const [before, after] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
    const both = verifierOf([before, after].map(({ publicKey }) => ({ issuer: 'api-gateway', key: publicKey })));
    const onlyNew = verifierOf([{ issuer: 'api-gateway', key: after.publicKey }]);
    const [oldToken, newToken] = [before, after].map(({ privateKey }) =>
      new InternalTokens('api-gateway', privateKey).issue('chat-service', USER),
    );
    for (const token of [oldToken!, newToken!]) expect(await both.verify(token)).toMatchObject({ issuer: 'api-gateway' });
    expect(await onlyNew.verify(newToken!)).toMatchObject({ issuer: 'api-gateway' });
    await expect(onlyNew.verify(oldToken!)).rejects.toMatchObject({ kind: 'unauthenticated' });
  });

  const claims = (changed: object = {}) => ({
    iss: 'api-gateway',
    aud: 'chat-service',
    sub: 'u1',
    sid: 's1',
    iat: now(),
    exp: now() + 60,
    ...changed,
  });
  const header = (changed: object = {}) => ({ alg: 'EdDSA', typ: 'internal+jwt', kid: kidOf('api-gateway'), ...changed });
  const signed = (changedClaims: object, changedHeader: object = {}, key = keyOf('api-gateway')) => {
    const body = `${encode(header(changedHeader))}.${encode(claims(changedClaims))}`;
    return `${body}.${sign(null, Buffer.from(body), key).toString('base64url')}`;
  };
  const { privateKey: foreign } = generateKeyPairSync('ed25519');

  it('without a defect is accepted, so that each of the following is refused for its defect', async () => {
    expect(await verifierOf().verify(signed({}))).toMatchObject({ userId: 'u1' });
  });

  it.each<[string, () => string | Promise<string>]>([
    ['for another receiver', () => signed({ aud: 'auth-service' })],
    ['without a receiver', () => signed({ aud: undefined })],
    ['of a service that claims to be the gateway', () => signed({}, { kid: kidOf('chat-service') }, keyOf('chat-service'))],
    ['of a service that names the key of the gateway', () => signed({}, {}, keyOf('chat-service'))],
    ['with another key', () => signed({}, {}, foreign)],
    ['with a key that is in the token', () => signed({}, { kid: 'foreign', jwk: foreign.export({ format: 'jwk' }) }, foreign)],
    ['without a key id', () => signed({}, { kid: undefined })],
    ['of another type', () => signed({}, { typ: 'JWT' })],
    ['that has expired', () => signed({ iat: now() - 120, exp: now() - 60 })],
    ['that is valid for longer than internal tokens are', () => signed({ iat: now() - 600, exp: now() + 86_400 })],
    ['that is issued in the future', () => signed({ iat: now() + 600, exp: now() + 660 })],
    ['without an expiry', () => signed({ exp: undefined })],
    ['without a session', () => signed({ sid: undefined })],
    ['with a session that is no text', () => signed({ sid: { $ne: null } })],
    ['without a user', () => signed({ sub: '' })],
    ['with an extension', () => signed({}, { crit: ['x'], x: true })],
    ['without a signature', () => `${signed({}).split('.').slice(0, 2).join('.')}.`],
    ['with alg none', () => `${encode(header({ alg: 'none' }))}.${encode(claims())}.`],
    [
      'with HS256 over the public key',
      () => {
        const body = `${encode(header({ alg: 'HS256' }))}.${encode(claims())}`;
        const secret = internalKeysEnv('auth-service').INTERNAL_PUBLIC_KEYS;
        return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
      },
    ],
    ['that auth-service has signed as an access token', () => tokens.sign(claims(), { typ: 'internal+jwt', kid: kidOf('api-gateway') })],
    [
      'that has the type of access tokens',
      () => new SignJWT(claims()).setProtectedHeader(header({ typ: 'at+jwt' })).sign(keyOf('api-gateway')),
    ],
  ])('%s is refused', async (_, make) => {
    await expect(verifierOf().verify(await make())).rejects.toMatchObject({ name: 'AppError', kind: 'unauthenticated' });
  });

  it('is refused where none is accepted: at the gateway, whose clients are outside', async () => {
    const { jwksUrl, issuer, audience } = tokens;
    const gateway = new AccessTokenVerifier({ jwksUrl, issuer, audience });
    const token = internalTokensOf('api-gateway').issue('api-gateway', USER);
    await expect(gateway.verify(token)).rejects.toMatchObject({ kind: 'unauthenticated' });
  });
});

describe('a route', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startSampleService(tokens);
  });
  afterAll(() => service?.stop());

  const statusOf = async (path: string, token: string) =>
    (await call(service.url, path, { headers: { authorization: `Bearer ${token}` } })).status;
  const from = (issuer: 'api-gateway' | 'chat-service' | 'profile-service') => internalTokensOf(issuer).issue('chat-service', USER);

  it('of users may be called by the gateway on their behalf, and by no other service', async () => {
    expect(await statusOf('/sample/mine', await tokens.issue(USER))).toBe(200);
    expect(await statusOf('/sample/mine', from('api-gateway'))).toBe(200);
    expect(await statusOf('/sample/mine', from('profile-service'))).toBe(403);
    expect(await statusOf('/sample/mine', internalTokensOf('api-gateway').issue('auth-service', USER))).toBe(401);
  });

  it('that names a service may be called by that service only', async () => {
    expect(await statusOf('/sample/for-profile-service', from('profile-service'))).toBe(200);
    expect(await statusOf('/sample/for-profile-service', from('chat-service'))).toBe(403);
    expect(await statusOf('/sample/for-profile-service', from('api-gateway'))).toBe(403);
    expect(await statusOf('/sample/for-profile-service', await tokens.issue(USER))).toBe(403);
    expect((await call(service.url, '/sample/for-profile-service')).status).toBe(401);
  });
});
