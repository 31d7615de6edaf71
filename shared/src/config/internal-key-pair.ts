import { generateKeyPairSync } from 'node:crypto';

/** The services that make requests of their own to other services. Each has a key pair of its own. */
export const INTERNAL_ISSUERS = ['api-gateway', 'chat-service', 'profile-service'] as const;

/** The key pair of one service (Ed25519), as its variables have it. */
export interface InternalKeyPair {
  /** For INTERNAL_SIGNING_KEY: PKCS#8, DER in base64. */
  privateKey: string;
  /** For INTERNAL_PUBLIC_KEYS, after the name of the service and a colon: SPKI, DER in base64. */
  publicKey: string;
}

/** A new key pair. */
export function newInternalKeyPair(): InternalKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { format: 'der', type: 'pkcs8' },
    publicKeyEncoding: { format: 'der', type: 'spki' },
  });
  return { privateKey: privateKey.toString('base64'), publicKey: publicKey.toString('base64') };
}

/** What `npm run internal-keys` prints: new values of the variables, for all services or, to change the key of one, for that service. */
export function newInternalKeyVariables(only: string | undefined): string {
  const issuers = INTERNAL_ISSUERS.filter((issuer) => only === undefined || issuer === only);
  if (issuers.length === 0) throw new Error(`${only} has no key; the services with one are ${INTERNAL_ISSUERS.join(', ')}`);
  const pairs = issuers.map((issuer) => ({ issuer, ...newInternalKeyPair() }));
  const publicKeys = pairs.map(({ issuer, publicKey }) => `${issuer}:${publicKey}`).join(',');
  return [
    ...pairs.map(({ issuer, privateKey }) => `# Only for ${issuer}\nINTERNAL_SIGNING_KEY=${privateKey}\n`),
    only === undefined
      ? '# For every service except the gateway'
      : `# For every service except the gateway: append it with a comma, and remove the old key of ${only} when ${only} signs with the new one`,
    `INTERNAL_PUBLIC_KEYS=${publicKeys}`,
  ].join('\n');
}
