import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import type { Browser, Hop } from './browser.js';

export interface Person {
  email?: string;
  email_verified?: boolean;
  given_name?: string;
  family_name?: string;
  name?: string;
}

export const WEB_CLIENT = { id: 'google-web-client', secret: 'google-secret-of-the-tests' };

/** A real OpenID provider in Google's place, with Google's claims in its ID tokens, and people to sign in as. */
export class GoogleStandIn {
  readonly people = new Map<string, Person>();

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
    private readonly privateKey: CryptoKey,
  ) {}

  static async start(redirectUris: string[]): Promise<GoogleStandIn> {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), kid: 'google-key', use: 'sig', alg: 'RS256' };
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const google = new GoogleStandIn(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, privateKey);
    const provider = new Provider(google.issuer, {
      clients: [
        {
          client_id: WEB_CLIENT.id,
          client_secret: WEB_CLIENT.secret,
          redirect_uris: redirectUris,
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      jwks: { keys: [jwk] },
      cookies: { keys: ['cookie key of the tests'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'family_name'] },
      conformIdTokenClaims: false,
      pkce: { required: () => true },
      findAccount: (_: unknown, sub: string) => ({
        accountId: sub,
        claims: () => ({ sub, ...google.people.get(sub) }),
      }),
    });
    server.on('request', provider.callback());
    return google;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** What somebody does at Google's pages: signs in, consents. The answer is the redirect back, not yet followed. */
  async signIn(browser: Browser, authorizationUrl: string, subject: string): Promise<Hop> {
    const isBack = (location: string) => !location.startsWith(this.issuer);
    let hop = await browser.follow(authorizationUrl, isBack);
    if (hop.location === null) hop = await browser.follow(hop.url, isBack, { prompt: 'login', login: subject, password: 'x' });
    if (hop.location === null) hop = await browser.follow(hop.url, isBack, { prompt: 'consent' });
    if (hop.location === null) throw new Error(`the provider says: ${hop.status} ${hop.body}`);
    return hop;
  }

  /** As the SDK on a phone gives it; with `key`, one that is not Google's. */
  idToken(claims: Record<string, unknown>, key: CryptoKey = this.privateKey): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: this.issuer, aud: WEB_CLIENT.id, iat: now, exp: now + 3600, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'google-key' })
      .sign(key);
  }
}
