import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CryptoKey } from 'jose';
import { Provider } from 'oidc-provider';
import { IdTokenSigner } from './id-token-signer.ts';

export const GOOGLE_CLIENT = { id: 'google-web-client', secret: 'secret-of-the-google-client-of-the-tests' };

/** The claims of a user besides the subject. */
export interface GoogleUser {
  email?: string;
  email_verified?: boolean;
  /** The domain of the user's Google Workspace. */
  hd?: string;
  given_name?: string;
  family_name?: string;
  name?: string;
}

/**
 * A real OpenID provider with the claims of Google. A user that signs in as `ada` has the subject `ada` and the claims in `users`. A user
 * that is not there has the verified address `ada@google.test`, unless the name begins with `unverified-`.
 */
export class FakeGoogle {
  readonly issuer: string;
  readonly users = new Map<string, GoogleUser>();
  /** If set, its result replaces the ID token in each response of the token endpoint. */
  replaceIdToken: ((idToken: string) => unknown) | null = null;
  readonly #server: Server;
  readonly #signer: IdTokenSigner;

  private constructor(server: Server, signer: IdTokenSigner) {
    this.#server = server;
    this.#signer = signer;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Listens. It answers after `serve`, when the addresses of our callbacks are known. */
  static async listen(): Promise<FakeGoogle> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakeGoogle(server, await IdTokenSigner.create());
  }

  /** For auth-service. */
  get env(): Record<string, string> {
    return { GOOGLE_ISSUER: this.issuer, GOOGLE_CLIENT_ID: GOOGLE_CLIENT.id, GOOGLE_CLIENT_SECRET: GOOGLE_CLIENT.secret };
  }

  serve(redirectUris: string[]): void {
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: GOOGLE_CLIENT.id,
          client_secret: GOOGLE_CLIENT.secret,
          redirect_uris: redirectUris,
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      jwks: { keys: [this.#signer.privateJwk] },
      cookies: { keys: ['cookie key of the fake Google'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified', 'hd'], profile: ['name', 'given_name', 'family_name'] },
      conformIdTokenClaims: false,
      pkce: { required: () => true },
      findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub, ...this.#claimsOf(sub) }) }),
    });
    provider.use(async (context, next) => {
      await next();
      const idToken: unknown = context.body?.id_token;
      if (this.replaceIdToken && typeof idToken === 'string') context.body.id_token = await this.replaceIdToken(idToken);
    });
    this.#server.on('request', provider.callback());
  }

  /** An ID token as the SDK of a native app gets it. With `key`, it is signed by another key than Google's. */
  idToken(claims: Record<string, unknown>, key?: CryptoKey): Promise<string> {
    return this.#signer.sign({ iss: this.issuer, aud: GOOGLE_CLIENT.id, ...claims }, key);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #claimsOf(sub: string): GoogleUser {
    const unknownUser = {
      email: `${sub}@google.test`,
      email_verified: !sub.startsWith('unverified-'),
      hd: 'google.test',
      given_name: 'Ada',
      name: sub,
    };
    return this.users.get(sub) ?? unknownUser;
  }
}
