import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type JWK, SignJWT } from 'jose';
import type { AccountSummary } from '../contracts/index.js';

/** The claims of a test token. */
export interface TestTokenClaims {
  userId: string;
  sessionId?: string;
  /** Seconds from now; negative: the token has expired. */
  expiresInSeconds?: number;
  /** The `typ` of the header; that of access tokens by default. */
  type?: string;
}

/**
 * A fake auth-service for tests of other services: signs access tokens, serves the JWKS, and answers `GET /auth/users/:userId` from
 * `accounts`. Use `baseUrl` as AUTH_SERVICE_URL.
 */
export class TestTokens {
  readonly issuer = 'chat-backend';
  readonly audience = 'chat-backend';
  readonly accounts = new Map<string, AccountSummary>();
  /** The number of requests for the JWKS. */
  jwksRequests = 0;
  /** True: the JWKS does not have the key any more. */
  isKeyWithdrawn = false;

  private constructor(
    readonly privateKey: KeyObject,
    readonly publicJwk: JWK & { kid: string },
    private readonly server: Server,
    readonly baseUrl: string,
  ) {}

  static async start(port = 0): Promise<TestTokens> {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const kid = randomBytes(8).toString('hex');
    const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
    const holder: { tokens?: TestTokens } = {};
    const server = createServer((request, response) => {
      const send = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      const { tokens } = holder;
      if (request.url === '/.well-known/jwks.json') {
        if (tokens) tokens.jwksRequests++;
        send(200, { keys: tokens?.isKeyWithdrawn ? [] : [jwk] });
        return;
      }
      const account = tokens?.accounts.get(/^\/auth\/users\/([^/?]+)$/.exec(request.url ?? '')?.[1] ?? '');
      if (account) send(200, account);
      else
        send(404, {
          type: 'urn:chat:error:user/not-found',
          title: 'Not found',
          status: 404,
          detail: 'No such user.',
          code: 'NOT_FOUND',
          requestId: 'test',
        });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const { port: bound } = server.address() as AddressInfo;
    holder.tokens = new TestTokens(
      createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })),
      jwk,
      server,
      `http://127.0.0.1:${bound}`,
    );
    return holder.tokens;
  }

  get jwksUrl(): string {
    return `${this.baseUrl}/.well-known/jwks.json`;
  }

  /** Signs an access token like auth-service. */
  issue({ userId, sessionId = randomUUID(), expiresInSeconds = 900, type = 'at+jwt' }: TestTokenClaims): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const [iat, exp] = [now, now + expiresInSeconds];
    const claims = { sid: sessionId, sub: userId, iss: this.issuer, aud: this.audience, iat, exp, jti: randomUUID() };
    return this.sign(claims, { typ: type });
  }

  /** A new user, a session and its access token. */
  async signIn(): Promise<{ userId: string; sessionId: string; token: string }> {
    const [userId, sessionId] = [randomUUID(), randomUUID()];
    return { userId, sessionId, token: await this.issue({ userId, sessionId }) };
  }

  /** Signs any claims and header with the right key, for tokens that are wrong in one way. */
  sign(claims: Record<string, unknown>, header: Record<string, unknown> & { crit?: string[] } = {}): Promise<string> {
    const crit = Object.fromEntries((header.crit ?? []).map((name) => [name, true]));
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: this.publicJwk.kid, ...header })
      .sign(this.privateKey, { crit });
  }

  /** Adds an account for `GET /auth/users/:userId`. */
  addAccount(account: Partial<AccountSummary> & { userId: string }): AccountSummary {
    const full = {
      username: `user-${account.userId.slice(-8)}`,
      firstName: null,
      lastName: null,
      registeredAt: new Date().toISOString(),
      ...account,
    };
    this.accounts.set(account.userId, full);
    return full;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}
