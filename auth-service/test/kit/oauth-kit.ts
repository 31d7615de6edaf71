import { createHash, randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { Browser, type Hop } from '@chat/testkit/browser';
import { FakeGoogle } from '@chat/testkit/fake-google';
import { FakeOAuth2Server, OAUTH2_CLIENT } from '@chat/testkit/fake-oauth2-server';
import { FACEBOOK_PATHS, GITHUB_PATHS } from '@chat/testkit/oauth2-paths';
import { TestAuthService } from './auth-service.js';

export const WEB_APP = 'https://app.example.test';
export const MOBILE_APP = 'chatapp://auth/callback';

/** The service with its providers. Browsers use it directly, because the gateway only proxies these paths. */
export class OAuthKit {
  private constructor(
    readonly service: TestAuthService,
    readonly google: FakeGoogle,
    readonly github: FakeOAuth2Server,
    readonly facebook: FakeOAuth2Server,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<OAuthKit> {
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    const redirectUris = (provider: string) => [provider, `${provider}/mobile`].map((path) => `${publicUrl}/auth/${path}/callback`);
    const google = await FakeGoogle.listen();
    google.serve(redirectUris('google'));
    const github = await FakeOAuth2Server.start(GITHUB_PATHS, redirectUris('github'));
    const facebook = await FakeOAuth2Server.start(FACEBOOK_PATHS, redirectUris('facebook'));
    const service = await TestAuthService.start({
      PORT: String(port),
      PUBLIC_URL: publicUrl,
      LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
      WEB_APP_URL: WEB_APP,
      ...google.env,
      GOOGLE_MOBILE_CLIENT_IDS: 'google-android-client,google-ios-client',
      GITHUB_URL: github.url,
      GITHUB_API_URL: github.url,
      GITHUB_CLIENT_ID: OAUTH2_CLIENT.id,
      GITHUB_CLIENT_SECRET: OAUTH2_CLIENT.secret,
      FACEBOOK_URL: facebook.url,
      FACEBOOK_GRAPH_URL: facebook.url,
      FACEBOOK_CLIENT_ID: OAUTH2_CLIENT.id,
      FACEBOOK_CLIENT_SECRET: OAUTH2_CLIENT.secret,
      ...env,
    });
    return new OAuthKit(service, google, github, facebook);
  }

  async stop(): Promise<void> {
    await this.service.stop();
    for (const provider of [this.google, this.github, this.facebook]) provider.close();
  }

  /** Signs in at Google in a browser. Returns the response of our callback. */
  async throughGoogle(subject: string, start = '/auth/google', browser = new Browser()): Promise<Hop> {
    const { location } = await browser.go(`${this.service.url}${start}`);
    const authorized = await browser.signIn(location!, subject);
    return browser.go(authorized.location!);
  }

  /** The same at GitHub or Facebook, whose fake servers have no pages. */
  async through(provider: 'github' | 'facebook', user: string | null, start = `/auth/${provider}`): Promise<Hop> {
    const browser = new Browser();
    this[provider].next = user;
    const { location } = await browser.go(`${this.service.url}${start}`);
    const authorized = await browser.go(location!);
    if (authorized.location === null) throw new Error(`the provider responded with ${authorized.status}: ${authorized.body}`);
    return browser.go(authorized.location);
  }

  exchange(code: string, codeVerifier?: string) {
    return this.service.post('/auth/oauth/exchange', { code, codeVerifier });
  }

  /** The whole sign-in, to the response of the exchange. */
  async signInWithGoogle(subject: string) {
    const hop = await this.throughGoogle(subject);
    return this.exchange(codeIn(hop));
  }

  async countOf(table: string): Promise<number> {
    const { rows } = await this.service.database.query(`select count(*)::int as count from ${table}`);
    return rows[0].count;
  }
}

export function codeIn({ location, body }: Hop): string {
  const code = location === null ? null : new URL(location).searchParams.get('code');
  if (code === null) throw new Error(`no code: ${location} ${body}`);
  return code;
}

export function errorIn({ location }: Hop): string | null {
  return new URL(location!).searchParams.get('error');
}

export function newPkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
