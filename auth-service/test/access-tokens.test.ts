import { createHmac, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { AccessTokenVerifier, InternalTokens } from '@chat/shared/auth';
import { migrateUnderLock } from '@chat/shared/database';
import { silentLog } from '@chat/shared/observability';
import type { AuthTokens } from '@chat/shared/contracts';
import { createTestDatabase, internalTokensOf } from '@chat/shared/testing';
import { calculateJwkThumbprint, createRemoteJWKSet, decodeJwt, exportJWK, jwtVerify, SignJWT } from 'jose';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthDataSource } from '../src/data-source.js';
import { DerivedKeys } from '../src/secrets/derived-keys.js';
import { SigningKeysService } from '../src/signing-keys/signing-keys.service.js';
import { TestAuthService } from './kit/auth-service.js';

let service: TestAuthService;
let ada: AuthTokens;
/** The signing key of the service. */
let ownKey: { kid: string; privateKey: KeyObject };
let publicJwk: Record<string, string>;
const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });

beforeAll(async () => {
  service = await TestAuthService.start();
  ada = await service.register();
  const dataSource = await createAuthDataSource(service.config.database).initialize();
  const keys = new SigningKeysService(dataSource, new DerivedKeys(service.config.authSecret), silentLog);
  await keys.onModuleInit();
  await dataSource.destroy();
  ownKey = keys.current();
  publicJwk = (await service.get('/.well-known/jwks.json')).body.keys[0];
});
afterAll(() => service?.stop());

const nowSeconds = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A valid token except for the given fields. */
function token({ claims = {}, header = {}, key = ownKey.privateKey }: { claims?: object; header?: object; key?: KeyObject } = {}) {
  return new SignJWT({ ...decodeJwt(ada.accessToken), iat: nowSeconds(), exp: nowSeconds() + 900, ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: ownKey.kid, ...header })
    .sign(key);
}

describe('an access token', () => {
  it('is an RFC 9068 token that can be verified with the published key', async () => {
    const jwks = createRemoteJWKSet(new URL(`${service.url}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(ada.accessToken, jwks, {
      issuer: 'chat-backend',
      audience: 'chat-backend',
      typ: 'at+jwt',
    });
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: ownKey.kid });
    expect(payload).toEqual({
      iss: 'chat-backend',
      aud: 'chat-backend',
      sub: ada.user.userId,
      sid: expect.any(String),
      iat: expect.any(Number),
      exp: payload.iat! + 900,
      jti: expect.any(String),
    });
  });

  it('is accepted by the verifier of the other services', async () => {
    const verifier = new AccessTokenVerifier({
      jwksUrl: `${service.url}/.well-known/jwks.json`,
      issuer: 'chat-backend',
      audience: 'chat-backend',
    });
    expect(await verifier.verify(ada.accessToken)).toMatchObject({ userId: ada.user.userId, kind: 'user' });
  });

  it('forged with the own key is accepted, so each of the following tokens is refused for its one fault', async () => {
    expect((await service.get('/auth/me', await token())).status).toBe(200);
  });

  it.each<[string, () => string | undefined | Promise<string>]>([
    ['none', () => undefined],
    ['no token at all', () => 'abc'],
    ['one without a signature', () => `${ada.accessToken.split('.').slice(0, 2).join('.')}.`],
    ['alg none', () => `${encode({ alg: 'none', typ: 'at+jwt', kid: ownKey.kid })}.${ada.accessToken.split('.')[1]}.`],
    ['a changed claim', () => ada.accessToken.replace(/\.[^.]+\./, `.${encode({ ...decodeJwt(ada.accessToken), sub: randomUUID() })}.`)],
    [
      'HS256 over the public key',
      () => {
        const body = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: ownKey.kid })}.${ada.accessToken.split('.')[1]}`;
        return `${body}.${createHmac('sha256', JSON.stringify(publicJwk)).update(body).digest('base64url')}`;
      },
    ],
    ['a foreign key under our kid', () => token({ key: foreign.privateKey })],
    ['an unknown kid', () => token({ key: foreign.privateKey, header: { kid: 'unknown' } })],
    [
      'a key that it brings itself',
      async () => token({ key: foreign.privateKey, header: { kid: 'x', jwk: await exportJWK(foreign.publicKey) } }),
    ],
    ['an address of keys in its own header', () => token({ key: foreign.privateKey, header: { jku: 'http://127.0.0.1:1/jwks.json' } })],
    ['an expired one', () => token({ claims: { exp: nowSeconds() - 1 } })],
    ['one that is not valid yet', () => token({ claims: { nbf: nowSeconds() + 600, iat: nowSeconds() + 600 } })],
    ['another issuer', () => token({ claims: { iss: 'another issuer' } })],
    ['another audience', () => token({ claims: { aud: 'something' } })],
    ['another type', () => token({ header: { typ: 'JWT' } })],
    ['no session', () => token({ claims: { sid: undefined } })],
    ['a session that does not exist', () => token({ claims: { sid: randomUUID() } })],
    ['a session of another user', async () => token({ claims: { sid: decodeJwt((await service.register()).accessToken)['sid'] } })],
    ['the refresh token', () => ada.refreshToken],
    ['one of 10,000 characters', () => 'a'.repeat(10_000)],
  ])('is refused: %s', async (_, make) => {
    const { status, body, contentType } = await service.get('/auth/me', await make());
    expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(contentType).toContain('application/problem+json');
  });

  it('is required for everything but the sign-in and the keys', async () => {
    const answers = await Promise.all([
      service.get('/auth/me'),
      service.get(`/auth/users/${ada.user.userId}`),
      service.post('/auth/validate'),
      service.post('/auth/logout'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  });
});

it('validate returns the user of a token', async () => {
  const { status, body } = await service.post('/auth/validate', undefined, ada.accessToken);
  expect(status).toBe(200);
  expect(body).toEqual({ userId: ada.user.userId, sessionId: decodeJwt(ada.accessToken)['sid'] });
});

it('the gateway may send requests for a socket whose access token has expired, as long as the session is active', async () => {
  const sessionId = String(decodeJwt(ada.accessToken)['sid']);
  const internal = (session: string) =>
    internalTokensOf('api-gateway').issue('auth-service', { userId: ada.user.userId, sessionId: session });
  expect((await service.get('/auth/me', internal(sessionId))).body).toEqual(ada.user);
  expect((await service.get('/auth/me', internal(randomUUID()))).status).toBe(401);
  const { privateKey } = generateKeyPairSync('ed25519');
  const foreign = new InternalTokens('api-gateway', privateKey).issue('auth-service', { userId: ada.user.userId, sessionId });
  expect((await service.get('/auth/me', foreign)).status).toBe(401);
});

describe('users/:userId', () => {
  const tokenOf = (issuer: 'api-gateway' | 'chat-service' | 'profile-service') =>
    internalTokensOf(issuer).issue('auth-service', { userId: ada.user.userId, sessionId: String(decodeJwt(ada.accessToken)['sid']) });

  it('gives the names of an account to the two services that need them, and to no user', async () => {
    const ben = await service.register({ firstName: 'Ben' });
    const path = `/auth/users/${ben.user.userId}`;
    for (const issuer of ['chat-service', 'profile-service'] as const) {
      const { body } = await service.get(path, tokenOf(issuer));
      expect(Object.keys(body).sort()).toEqual(['firstName', 'lastName', 'registeredAt', 'userId', 'username']);
    }
    for (const token of [ada.accessToken, ben.accessToken, tokenOf('api-gateway')]) {
      const { status, body } = await service.get(path, token);
      expect([status, body.code]).toEqual([403, 'FORBIDDEN']);
      expect(JSON.stringify(body)).not.toContain('Ben');
    }
  });

  it('is all that these two services may ask for', async () => {
    for (const issuer of ['chat-service', 'profile-service'] as const)
      expect((await service.get('/auth/me', tokenOf(issuer))).status).toBe(403);
  });

  it.each([
    [404, 'NOT_FOUND', randomUUID()],
    [400, 'BAD_USER_INPUT', 'not-an-id'],
    [400, 'BAD_USER_INPUT', `${randomUUID()}x`],
    [400, 'BAD_USER_INPUT', "'%20or%201=1"],
  ])('answers %i %s for %s', async (status, code, id) => {
    const answer = await service.get(`/auth/users/${id}`, tokenOf('profile-service'));
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

describe('the signing key', () => {
  it('is published without its private part, and its id is its thumbprint', async () => {
    const { status, body, headers } = await service.get('/.well-known/jwks.json');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toContain('max-age');
    expect(body.keys).toEqual([
      { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String), kid: expect.any(String), alg: 'ES256', use: 'sig' },
    ]);
    expect(await calculateJwkThumbprint(body.keys[0])).toBe(body.keys[0].kid);
  });

  it('is encrypted in the database', async () => {
    const { rows } = await service.database.query('select private_key as box from signing_keys');
    const der = ownKey.privateKey.export({ format: 'der', type: 'pkcs8' });
    const { d } = ownKey.privateKey.export({ format: 'jwk' });
    expect(rows[0].box.includes(Buffer.from(d!, 'base64url'))).toBe(false);
    expect(rows[0].box.length).toBe(der.length + 12 + 16);
  });

  describe('on a database of its own', () => {
    let dataSource: DataSource;
    let drop: () => Promise<void>;
    beforeAll(async () => {
      const database = await createTestDatabase({
        schema: 'auth',
        role: 'auth_service',
        migrate: (config) => migrateUnderLock(createAuthDataSource(config)),
      });
      dataSource = await createAuthDataSource(database.config).initialize();
      ({ drop } = database);
    });
    afterAll(async () => {
      await dataSource?.destroy();
      await drop?.();
    });
    const keysOf = async (secret: string) => {
      const keys = new SigningKeysService(dataSource, new DerivedKeys(secret), silentLog);
      await keys.onModuleInit();
      return keys;
    };

    it('is created once by eight instances that start together on an empty database', async () => {
      // All connections are open, so that the eight really run concurrently.
      await Promise.all(Array.from({ length: 8 }, () => dataSource.query('select pg_sleep(0.2)')));
      const all = await Promise.all(Array.from({ length: 8 }, () => keysOf('a secret that is long enough for this')));
      expect(new Set(all.map((keys) => keys.current().kid)).size).toBe(1);
      expect(all.every((keys) => keys.publicKeys().length === 1)).toBe(true);
    });

    it('cannot be decrypted with another AUTH_SECRET, and the error at start names it', async () => {
      await expect(keysOf('another secret that is long enough')).rejects.toThrow(/AUTH_SECRET is not the one/);
    });
  });
});

it('an expired one prevents no sign-in, and the sign-in revokes no session', async () => {
  const owner = await service.register();
  const { sub, sid } = decodeJwt(owner.accessToken);
  const logIn = (withToken: string) => service.post('/auth/login', { email: owner.user.email, password: owner.password }, withToken);
  const isIn = async () => (await service.get('/auth/me', owner.accessToken)).status === 200;
  expect((await logIn(await token({ claims: { sub, sid, iat: nowSeconds() - 901, exp: nowSeconds() - 1 } }))).status).toBe(200);
  expect(await isIn()).toBe(true);
  // The same token before its expiry does revoke the session: so the expiry was its one fault.
  expect((await logIn(await token({ claims: { sub, sid } }))).status).toBe(200);
  expect(await isIn()).toBe(false);
});
