import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { internalTokensOf } from '@chat/shared/testing';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

const nowSeconds = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = (changed: object = {}) => ({
  iss: kit.services.tokens.issuer,
  aud: kit.services.tokens.audience,
  sub: randomUUID(),
  sid: randomUUID(),
  jti: randomUUID(),
  iat: nowSeconds(),
  exp: nowSeconds() + 900,
  ...changed,
});
const header = (changed: object = {}) => ({ alg: 'ES256', typ: 'at+jwt', kid: kit.services.tokens.publicJwk.kid, ...changed });
/** A valid token except for the given claims and headers. */
const ownKey = (changedClaims: object, changedHeader: object = {}) => kit.services.tokens.sign(claims(changedClaims), { ...changedHeader });
const foreignKey = (changed: object) => new SignJWT(claims()).setProtectedHeader(header(changed)).sign(foreign.privateKey);

const FORGED: [string, () => string | Promise<string>][] = [
  ['alg none', () => `${encode(header({ alg: 'none' }))}.${encode(claims())}.`],
  ['no signature', async () => `${(await ownKey({})).split('.').slice(0, 2).join('.')}.`],
  [
    'HS256 over the public key',
    () => {
      const body = `${encode(header({ alg: 'HS256' }))}.${encode(claims())}`;
      return `${body}.${createHmac('sha256', JSON.stringify(kit.services.tokens.publicJwk)).update(body).digest('base64url')}`;
    },
  ],
  ['signed with another key under our kid', () => foreignKey({})],
  ['an unknown kid', () => foreignKey({ kid: 'foreign' })],
  ['a jku of an attacker', () => foreignKey({ kid: 'foreign', jku: `${kit.services.url}/attacker/jwks.json` })],
  ['an embedded jwk', async () => foreignKey({ kid: 'foreign', jwk: await exportJWK(foreign.publicKey) })],
  ['expired', () => ownKey({ exp: nowSeconds() - 1 })],
  ['not yet valid', () => ownKey({ nbf: nowSeconds() + 600 })],
  ['issued in the future', () => ownKey({ iat: nowSeconds() + 600 })],
  ['another issuer', () => ownKey({ iss: 'another-issuer' })],
  ['another audience', () => ownKey({ aud: 'another-audience' })],
  ['another type', () => ownKey({}, { typ: 'JWT' })],
  ['a refresh or mfa token', () => randomUUID().replaceAll('-', '') + randomUUID().replaceAll('-', '').slice(0, 11)],
  [
    'an internal token of the services',
    () => internalTokensOf('api-gateway').issue('api-gateway', { userId: randomUUID(), sessionId: randomUUID() }),
  ],
];

describe.each(FORGED)('a forged token (%s)', (_, make) => {
  it('is UNAUTHENTICATED over HTTP, and no service is called', async () => {
    const before = kit.services.calls.length;
    const { errors } = await kit.ask('{ me { userId } }', {}, await make());
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
    expect(kit.services.calls).toHaveLength(before);
  });

  it('closes a socket with 4403', async () => {
    expect(await kit.closeCodeOf(await make())).toBe(4403);
  });
});

it('the same token without a defect is accepted, so each token above is rejected for its defect', async () => {
  const { errors } = await kit.ask('{ getSessions { id } }', {}, await ownKey({}));
  expect(errors.map(({ extensions }) => extensions.code)).not.toContain('UNAUTHENTICATED');
});
