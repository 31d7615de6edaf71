import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { expect } from 'vitest';
import { AccessTokenVerifier } from '../../src/auth/index.js';
import { TestTokens } from '../../src/testing/index.js';

export const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
export const now = () => Math.floor(Date.now() / 1000);

type VerifierOptions = ConstructorParameters<typeof AccessTokenVerifier>[0];

export interface VerifierKit {
  tokens: TestTokens;
  verifier: AccessTokenVerifier;
  verifierOf: (more?: Partial<VerifierOptions>) => AccessTokenVerifier;
  /** The claims of a valid token. */
  claims: Record<string, unknown>;
  /** The keys of an attacker. */
  foreign: KeyPairKeyObjectResult;
  refused: (token: string, by?: AccessTokenVerifier) => Promise<void>;
}

/** A key set, and verifiers of the tokens that are signed with it. */
export async function startVerifierKit(): Promise<VerifierKit> {
  const tokens = await TestTokens.start();
  const { jwksUrl, issuer, audience } = tokens;
  const verifierOf: VerifierKit['verifierOf'] = (more = {}) => new AccessTokenVerifier({ jwksUrl, issuer, audience, ...more });
  const verifier = verifierOf();
  return {
    tokens,
    verifier,
    verifierOf,
    claims: { iss: issuer, aud: audience, sub: 'u1', sid: 's1', iat: now(), exp: now() + 900, jti: 'j1' },
    foreign: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    refused: (token, by = verifier) => expect(by.verify(token)).rejects.toMatchObject({ name: 'AppError', kind: 'unauthenticated' }),
  };
}
