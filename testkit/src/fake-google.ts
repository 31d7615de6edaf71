import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

const CLIENT = { id: 'e2e-google-client', secret: 'a-secret-between-the-product-and-the-stand-in' };

/**
 * A real OpenID provider in Google's place. Whoever signs in there as `ada` has the subject `ada` and the verified address
 * `ada@google.test`, unless the name begins with `unverified-`.
 */
export class FakeGoogle {
  readonly issuer: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Listens; `serve` makes it answer, once it is known where browsers are to come back to. */
  static async listen(): Promise<FakeGoogle> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakeGoogle(server);
  }

  /** What auth-service is told. */
  get env(): Record<string, string> {
    return { GOOGLE_ISSUER: this.issuer, GOOGLE_CLIENT_ID: CLIENT.id, GOOGLE_CLIENT_SECRET: CLIENT.secret };
  }

  serve(redirectUris: string[]): void {
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: redirectUris,
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      cookies: { keys: ['cookie key of the stand-in'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'family_name'] },
      conformIdTokenClaims: false,
      findAccount: (_: unknown, sub: string) => ({
        accountId: sub,
        claims: () => ({ sub, email: `${sub}@google.test`, email_verified: !sub.startsWith('unverified-'), given_name: 'Ada', name: sub }),
      }),
    });
    this.#server.on('request', provider.callback());
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
