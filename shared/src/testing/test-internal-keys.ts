import { InternalTokens } from '../auth/internal-tokens.js';
import { INTERNAL_ISSUERS, InternalIssuerConfig, InternalReceiverConfig, loadConfig, newInternalKeyPair } from '../config/index.js';
import type { ServiceName } from '../contracts/index.js';

type Issuer = (typeof INTERNAL_ISSUERS)[number];

const PAIRS = new Map(INTERNAL_ISSUERS.map((issuer) => [issuer, newInternalKeyPair()]));

/** The variables of a service in a test: its own private key if it has one, and the public keys of all. */
export function internalKeysEnv(service: ServiceName): { INTERNAL_SIGNING_KEY?: string; INTERNAL_PUBLIC_KEYS: string } {
  const own = PAIRS.get(service as Issuer);
  return {
    ...(own && { INTERNAL_SIGNING_KEY: own.privateKey }),
    INTERNAL_PUBLIC_KEYS: [...PAIRS].map(([issuer, { publicKey }]) => `${issuer}:${publicKey}`).join(','),
  };
}

/** The public keys of all services in a test. */
export const testPublicKeys = () => loadConfig(InternalReceiverConfig, internalKeysEnv('auth-service')).publicKeys;

/** Issues the internal tokens of a service. */
export function internalTokensOf(issuer: Issuer): InternalTokens {
  return new InternalTokens(issuer, loadConfig(InternalIssuerConfig, internalKeysEnv(issuer)).signingKey);
}
