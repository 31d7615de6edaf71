import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testPublicKeys } from '../src/testing/index.js';
import { encode, now, startVerifierKit, type VerifierKit } from './kit/verifier.js';

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
    const internalTokens = { receiver: 'chat-service', publicKeys: testPublicKeys() } as const;
    for (const text of texts) {
      const body = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: tokens.publicJwk.kid })}.${encode(claims)}`;
      await refused(`${body}.${createHmac('sha256', text).update(body).digest('base64url')}`);
      await refused(`${body}.${createHmac('sha256', text).update(body).digest('base64url')}`, verifierOf({ internalTokens }));
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
    ['valid for more than a day', { exp: now() + 86_500 }],
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
});
