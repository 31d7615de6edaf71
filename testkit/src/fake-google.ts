import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

const CLIENT = { id: 'e2e-google-client', secret: 'a-secret-of-the-fake-google-client' };

/**
 * A fake Google: a real OpenID provider on a local port. The login `ada` has the subject `ada` and the address `ada@google.test`, which is
 * verified unless the login begins with `unverified-`.
 */
export class FakeGoogle {
  readonly issuer: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Listens on a free port; `serve` makes it answer, once the redirect URIs are known. */
  static async listen(): Promise<FakeGoogle> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakeGoogle(server);
  }

  /** Variables for auth-service. */
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
      cookies: { keys: ['cookie key of the fake Google'] },
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
