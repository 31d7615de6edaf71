import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';

export const OAUTH2_CLIENT = { id: 'oauth2-client', secret: 'oauth2-secret-of-the-tests' };

interface Grant {
  person: string;
  redirectUri: string;
  challenge: string;
}

/** What a stand-in answers over its API for somebody: a status and a body by path. */
export type Person = Record<string, unknown>;

export interface Paths {
  authorize: string;
  token: string;
  api: string[];
  jwks?: string;
}

export const GITHUB_PATHS: Paths = {
  authorize: '/login/oauth/authorize',
  token: '/login/oauth/access_token',
  api: ['/user', '/user/emails'],
};

export const FACEBOOK_PATHS: Paths = {
  authorize: '/v23.0/dialog/oauth',
  token: '/v23.0/oauth/access_token',
  api: ['/v23.0/me'],
  jwks: '/.well-known/oauth/openid/jwks/',
};

/**
 * GitHub's or Facebook's part of the code flow, in one process. It keeps to what they promise: the exact redirect address, codes that work
 * once, the client's secret, PKCE. Whom to sign in is said by `next`, in place of a page with a form.
 */
export class OAuth2StandIn {
  readonly people = new Map<string, Person>();
  /** Who signs in at the authorization endpoint next; null declines. */
  next: string | null = null;
  /** Refused at the token endpoint, as GitHub does: with status 200. */
  refuseCodes = false;
  private readonly grants = new Map<string, Grant>();
  private readonly tokens = new Map<string, string>();

  private constructor(
    readonly url: string,
    private readonly paths: Paths,
    private readonly redirectUris: string[],
    private readonly server: Server,
    private readonly privateKey: CryptoKey,
    private readonly jwks: object,
  ) {}

  static async start(paths: Paths, redirectUris: string[]): Promise<OAuth2StandIn> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'key', alg: 'RS256', use: 'sig' }] };
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const standIn = new OAuth2StandIn(url, paths, redirectUris, server, privateKey, jwks);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const address = new URL(request.url!, url);
        const form = new URLSearchParams(Buffer.concat(chunks).toString());
        const { status, location, body } = standIn.answer(address, form, request.headers.authorization);
        response.writeHead(status, location === undefined ? { 'content-type': 'application/json' } : { location });
        response.end(body === undefined ? '' : JSON.stringify(body));
      });
    });
    return standIn;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  idToken(claims: Record<string, unknown>): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: this.url, aud: OAUTH2_CLIENT.id, iat: now, exp: now + 3600, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'key' })
      .sign(this.privateKey);
  }

  private answer(
    { pathname, searchParams }: URL,
    form: URLSearchParams,
    authorization: string | undefined,
  ): { status: number; location?: string; body?: unknown } {
    if (pathname === this.paths.authorize) return this.authorize(searchParams);
    if (pathname === this.paths.token) return this.token(form);
    if (pathname === this.paths.jwks) return { status: 200, body: this.jwks };
    const person = this.people.get(this.tokens.get(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '') ?? '');
    if (!person || !this.paths.api.includes(pathname)) return { status: 401, body: { message: 'Bad credentials' } };
    return pathname in person ? { status: 200, body: person[pathname] } : { status: 404, body: {} };
  }

  private authorize(query: URLSearchParams): { status: number; location?: string; body?: unknown } {
    const redirectUri = query.get('redirect_uri') ?? '';
    const isRight =
      query.get('client_id') === OAUTH2_CLIENT.id &&
      query.get('response_type') === 'code' &&
      query.get('code_challenge_method') === 'S256' &&
      this.redirectUris.includes(redirectUri);
    if (!isRight) return { status: 400, body: { error: 'invalid_request' } };
    const back = new URL(redirectUri);
    back.searchParams.set('state', query.get('state') ?? '');
    if (this.next === null) {
      back.searchParams.set('error', 'access_denied');
    } else {
      const code = randomBytes(16).toString('hex');
      this.grants.set(code, { person: this.next, redirectUri, challenge: query.get('code_challenge') ?? '' });
      back.searchParams.set('code', code);
    }
    return { status: 302, location: back.href };
  }

  private token(form: URLSearchParams): { status: number; body: unknown } {
    const grant = this.grants.get(form.get('code') ?? '');
    this.grants.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isRight =
      form.get('client_id') === OAUTH2_CLIENT.id &&
      form.get('client_secret') === OAUTH2_CLIENT.secret &&
      grant?.redirectUri === form.get('redirect_uri') &&
      grant?.challenge === challenge;
    if (!grant || !isRight || this.refuseCodes) return { status: 200, body: { error: 'bad_verification_code' } };
    const token = randomBytes(16).toString('hex');
    this.tokens.set(token, grant.person);
    return { status: 200, body: { access_token: token, token_type: 'bearer' } };
  }
}
