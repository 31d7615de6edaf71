import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AccessTokenVerifier } from '@chat/shared/auth';
import { migrateUnderLock } from '@chat/shared/database';
import { silentLog } from '@chat/shared/observability';
import { createTestDatabase, randomEmail } from '@chat/shared/testing';
import { decodeProtectedHeader } from 'jose';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { AuthConfig } from '../src/config.js';
import { createAuthDataSource } from '../src/data-source.js';
import { DerivedKeys } from '../src/secrets/derived-keys.js';
import { AccessTokenIssuer } from '../src/sessions/access-token-issuer.js';
import { SigningKeyStore } from '../src/signing-keys/signing-key-store.js';
import { SigningKeysService } from '../src/signing-keys/signing-keys.service.js';

const LIFE_MS = 900_000;
const derivedKeys = new DerivedKeys('a secret that is long enough for this');
let dataSource: DataSource;
let drop: () => Promise<void>;
let store: SigningKeyStore;
/** The keys of one instance of auth-service, and another service that verifies its tokens. */
let instance: SigningKeysService;
let jwks: Server;
let fetches = 0;

beforeAll(async () => {
  const database = await createTestDatabase({
    schema: 'auth',
    role: 'auth_service',
    migrate: (config) => migrateUnderLock(createAuthDataSource(config)),
  });
  ({ drop } = database);
  dataSource = await createAuthDataSource(database.config).initialize();
  store = new SigningKeyStore(dataSource, derivedKeys.signingKeyEncryption);
  jwks = createServer((_, response) => {
    fetches += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: instance.publicKeys() }));
  });
  await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  jwks?.close();
  await dataSource?.destroy();
  await drop?.();
});
beforeEach(async () => {
  await dataSource.query('delete from signing_keys');
  instance = new SigningKeysService(dataSource, derivedKeys, silentLog);
  await instance.onModuleInit();
});

const issue = () => {
  const config = { jwtIssuer: 'chat-backend', jwtAudience: 'chat-backend', accessTokenSeconds: LIFE_MS / 1000 } as AuthConfig;
  return new AccessTokenIssuer(config, instance).issue(randomEmail(), 'a session', { forMfaEnrolment: false });
};
const verifier = (cooldownMs = 10_000) =>
  new AccessTokenVerifier({
    jwksUrl: `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/`,
    issuer: 'chat-backend',
    audience: 'chat-backend',
    jwksCooldownMs: cooldownMs,
  });
const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const passMinutes = (minutes: number) =>
  dataSource.query('update signing_keys set signs_from = signs_from - make_interval(mins => $1)', [minutes]);

it('a rotated key is published before it signs, so that verifiers know it already', async () => {
  const first = instance.current().kid;
  const next = await store.rotate();
  await instance.reload();
  expect(instance.publicKeys().map(({ kid }) => kid)).toEqual([first, next.kid]);
  expect(kidOf(await issue())).toBe(first);
  const other = verifier();
  const before = await issue();
  await other.verify(before);
  fetches = 0;
  await passMinutes(11);
  await instance.reload();
  const after = await issue();
  expect(kidOf(after)).toBe(next.kid);
  await other.verify(after);
  await other.verify(before);
  expect(fetches).toBe(0);
});

it('the old key is deleted when its last token has expired', async () => {
  const first = instance.current().kid;
  const next = await store.rotate();
  await passMinutes(11);
  await store.rotateIfDue({ maxAgeMs: null, tokenLifetimeMs: LIFE_MS });
  expect((await store.all()).map(({ kid }) => kid)).toEqual([first, next.kid]);
  await passMinutes(17);
  await store.rotateIfDue({ maxAgeMs: null, tokenLifetimeMs: LIFE_MS });
  await instance.reload();
  expect(instance.publicKeys().map(({ kid }) => kid)).toEqual([next.kid]);
});

it('rotating while a key waits creates no other, also by many instances at once', async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => store.rotate()));
  expect(new Set(made.map(({ kid }) => kid)).size).toBe(1);
  expect(await store.all()).toHaveLength(2);
});

it('a key of maximum age gets one successor, however many instances run', async () => {
  const day = 86_400_000;
  const rotateIfDue = () => store.rotateIfDue({ maxAgeMs: 30 * day, tokenLifetimeMs: LIFE_MS });
  await rotateIfDue();
  expect(await store.all()).toHaveLength(1);
  await passMinutes(30 * 24 * 60 - 5);
  await Promise.all(Array.from({ length: 8 }, rotateIfDue));
  expect(await store.all()).toHaveLength(2);
  // Five minutes before that day the old one still signs.
  await instance.reload();
  expect(instance.current().kid).toBe((await store.all())[0]!.kid);
});

it('a withdrawn key signs no more, and its tokens are refused once the keys are refreshed', async () => {
  const token = await issue();
  await verifier().verify(token);
  expect(await store.withdraw(instance.current().kid)).toBe(true);
  await instance.reload();
  const next = await issue();
  expect(kidOf(next)).not.toBe(kidOf(token));
  const other = verifier(0);
  await other.verify(next);
  await expect(other.verify(token)).rejects.toMatchObject({ kind: 'unauthenticated' });
  expect(await store.withdraw('no such key')).toBe(false);
});

it('if the signing key is withdrawn, the waiting one signs', async () => {
  const next = await store.rotate();
  await store.withdraw(instance.current().kid);
  await instance.reload();
  expect(instance.current().kid).toBe(next.kid);
  expect(await store.all()).toHaveLength(1);
});

it('created keys are encrypted like the first one', async () => {
  const { privateKey } = await store.rotate();
  await instance.reload();
  await passMinutes(11);
  await instance.reload();
  const { d } = instance.current().privateKey.export({ format: 'jwk' });
  expect(privateKey.includes(Buffer.from(d!, 'base64url'))).toBe(false);
});
