import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IdTokenSigner } from './id-token-signer.ts';
import type { OAuth2Paths } from './oauth2-paths.ts';

export const OAUTH2_CLIENT = { id: 'oauth2-client', secret: 'secret-of-the-oauth2-client-of-the-tests' };

interface Grant {
  user: string;
  redirectUri: string;
  challenge: string;
}

/** The responses of the API for one user, by path. */
export type ApiResponses = Record<string, unknown>;

export interface OAuth2Response {
  status: number;
  location?: string;
  body?: unknown;
}

export interface OAuth2Request {
  url: URL;
  form: URLSearchParams;
  headers: IncomingHttpHeaders;
}

/**
 * GitHub or Facebook, as far as the code flow and the API need them. It checks what they check: the exact redirect URI, codes that work
 * once, the client secret, PKCE. `next` replaces the page on which a user signs in.
 */
export class FakeOAuth2Server {
  readonly url: string;
  readonly users = new Map<string, ApiResponses>();
  readonly requests: OAuth2Request[] = [];
  /** The user that signs in next; null declines. */
  next: string | null = null;
  /** If set, it answers the requests to the token endpoint; with undefined, never. */
  answerTokenRequest: (() => OAuth2Response | undefined) | null = null;
  readonly #paths: OAuth2Paths;
  readonly #redirectUris: string[];
  readonly #server: Server;
  readonly #signer: IdTokenSigner;
  readonly #grants = new Map<string, Grant>();
  readonly #tokens = new Map<string, string>();

  private constructor(paths: OAuth2Paths, redirectUris: string[], server: Server, signer: IdTokenSigner) {
    this.#paths = paths;
    this.#redirectUris = redirectUris;
    this.#server = server;
    this.#signer = signer;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(paths: OAuth2Paths, redirectUris: string[]): Promise<FakeOAuth2Server> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const fake = new FakeOAuth2Server(paths, redirectUris, server, await IdTokenSigner.create());
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const form = new URLSearchParams(Buffer.concat(chunks).toString());
        const answer = fake.#answer({ url: new URL(request.url!, fake.url), form, headers: request.headers });
        if (!answer) return;
        response.writeHead(
          answer.status,
          answer.location === undefined ? { 'content-type': 'application/json' } : { location: answer.location },
        );
        response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
      });
    });
    return fake;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  idToken(claims: Record<string, unknown>): Promise<string> {
    return this.#signer.sign({ iss: this.url, aud: OAUTH2_CLIENT.id, ...claims });
  }

  #answer(request: OAuth2Request): OAuth2Response | undefined {
    this.requests.push(request);
    const { pathname, searchParams } = request.url;
    if (pathname === this.#paths.authorize) return this.#authorize(searchParams);
    if (pathname === this.#paths.token) return this.answerTokenRequest ? this.answerTokenRequest() : this.#token(request.form);
    if (pathname === this.#paths.jwks) return { status: 200, body: { keys: [this.#signer.publicJwk] } };
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const responses = this.users.get(this.#tokens.get(token ?? '') ?? '');
    if (!responses || !this.#paths.api.includes(pathname)) return { status: 401, body: { message: 'Bad credentials' } };
    return pathname in responses ? { status: 200, body: responses[pathname] } : { status: 404, body: {} };
  }

  #authorize(query: URLSearchParams): OAuth2Response {
    const redirectUri = query.get('redirect_uri') ?? '';
    const isValid =
      query.get('client_id') === OAUTH2_CLIENT.id &&
      query.get('response_type') === 'code' &&
      query.get('code_challenge_method') === 'S256' &&
      this.#redirectUris.includes(redirectUri);
    if (!isValid) return { status: 400, body: { error: 'invalid_request' } };
    const callback = new URL(redirectUri);
    callback.searchParams.set('state', query.get('state') ?? '');
    if (this.next === null) {
      callback.searchParams.set('error', 'access_denied');
    } else {
      const code = randomBytes(16).toString('hex');
      this.#grants.set(code, { user: this.next, redirectUri, challenge: query.get('code_challenge') ?? '' });
      callback.searchParams.set('code', code);
    }
    return { status: 302, location: callback.href };
  }

  #token(form: URLSearchParams): OAuth2Response {
    const grant = this.#grants.get(form.get('code') ?? '');
    this.#grants.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isValid =
      form.get('client_id') === OAUTH2_CLIENT.id &&
      form.get('client_secret') === OAUTH2_CLIENT.secret &&
      grant?.redirectUri === form.get('redirect_uri') &&
      grant?.challenge === challenge;
    if (!grant || !isValid) return BAD_CODE;
    const token = randomBytes(16).toString('hex');
    this.#tokens.set(token, grant.user);
    return { status: 200, body: { access_token: token, token_type: 'bearer' } };
  }
}

/** GitHub refuses a code with status 200. */
export const BAD_CODE: OAuth2Response = { status: 200, body: { error: 'bad_verification_code' } };
