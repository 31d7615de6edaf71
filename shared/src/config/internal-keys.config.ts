import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { ServiceName } from '../contracts/index.js';
import { Env } from './env.decorators.js';
import { INTERNAL_ISSUERS } from './internal-key-pair.js';
import type { ConfigWithChecks } from './load-config.js';

/** A public key, and the service that signs its requests with the private half. */
export interface InternalPublicKey {
  issuer: ServiceName;
  key: KeyObject;
}

/** A service that makes requests to other services; see INTERNAL_ISSUERS. */
export class InternalIssuerConfig implements ConfigWithChecks {
  @Env({
    name: 'INTERNAL_SIGNING_KEY',
    type: 'secret',
    description:
      'Private key with which this service signs its requests to others; another one for each service. `npm run internal-keys` makes all',
  })
  signingKeyText: string;

  /** Set after loading. */
  signingKey: KeyObject;

  validate(): string[] {
    try {
      this.signingKey = createPrivateKey({ key: derOf(this.signingKeyText), format: 'der', type: 'pkcs8' });
      if (this.signingKey.asymmetricKeyType === 'ed25519') return [];
    } catch {
      // The text is not shown: it may be a key in another format.
    }
    return ['INTERNAL_SIGNING_KEY must be an Ed25519 private key (PKCS#8 in base64), as `npm run internal-keys` makes it'];
  }
}

/** A service that receives requests from other services. */
export class InternalReceiverConfig implements ConfigWithChecks {
  @Env({
    name: 'INTERNAL_PUBLIC_KEYS',
    type: 'list',
    orFile: true,
    description:
      'The public keys of the services that make requests to others, as <service>:<key>, comma separated, the same for all. While a key is changed, list the old and the new one. `npm run internal-keys` makes it',
  })
  publicKeyTexts: string[];

  /** Set after loading. */
  publicKeys: InternalPublicKey[];

  validate(): string[] {
    const problems: string[] = [];
    this.publicKeys = this.publicKeyTexts.flatMap((text) => {
      const [name, key = ''] = text.split(':');
      const issuer = INTERNAL_ISSUERS.find((one) => one === name);
      const publicKey = publicKeyOf(key);
      if (!issuer) problems.push(`INTERNAL_PUBLIC_KEYS has an entry that begins with none of ${INTERNAL_ISSUERS.join(':, ')}:`);
      else if (!publicKey) problems.push(`INTERNAL_PUBLIC_KEYS has no Ed25519 public key (SPKI in base64) for ${issuer}`);
      return issuer && publicKey ? [{ issuer, key: publicKey }] : [];
    });
    return problems;
  }
}

function publicKeyOf(text: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: derOf(text), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
}

/** Also of a PEM text, as other tools write it. */
function derOf(text: string): Buffer {
  return Buffer.from(text.replace(/-----[A-Z ]{1,40}-----/g, ''), 'base64');
}
