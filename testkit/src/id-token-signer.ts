import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** The signing key of a fake provider. */
export class IdTokenSigner {
  readonly privateKey: CryptoKey;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;

  private constructor(privateKey: CryptoKey, privateJwk: JWK, publicJwk: JWK) {
    this.privateKey = privateKey;
    this.privateJwk = privateJwk;
    this.publicJwk = publicJwk;
  }

  static async create(): Promise<IdTokenSigner> {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const names = { kid: 'key-of-the-fake-provider', use: 'sig', alg: 'RS256' };
    return new IdTokenSigner(privateKey, { ...(await exportJWK(privateKey)), ...names }, { ...(await exportJWK(publicKey)), ...names });
  }

  /** Valid for an hour, unless `claims` says otherwise. With `key`, the token is signed by another key than that of the provider. */
  sign(claims: Record<string, unknown>, key: CryptoKey = this.privateKey): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iat: now, exp: now + 3600, ...claims }).setProtectedHeader({ alg: 'RS256', kid: this.publicJwk.kid! }).sign(key);
  }
}
