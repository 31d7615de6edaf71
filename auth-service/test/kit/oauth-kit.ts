import { createHash, randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { TestAuthService } from './auth-service.js';
import { Browser, type Hop } from './browser.js';
import { GoogleStandIn, WEB_CLIENT } from './google-stand-in.js';

export const WEB_APP = 'https://app.example.test';
export const MOBILE_APP = 'chatapp://auth/callback';

/** The service with its providers. Browsers come to it directly, as the gateway only passes these paths through. */
export class OAuthKit {
  private constructor(
    readonly service: TestAuthService,
    readonly google: GoogleStandIn,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<OAuthKit> {
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    const google = await GoogleStandIn.start(['google', 'google/mobile'].map((path) => `${publicUrl}/auth/${path}/callback`));
    const service = await TestAuthService.start({
      PORT: String(port),
      PUBLIC_URL: publicUrl,
      LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
      WEB_APP_URL: WEB_APP,
      GOOGLE_ISSUER: google.issuer,
      GOOGLE_CLIENT_ID: WEB_CLIENT.id,
      GOOGLE_CLIENT_SECRET: WEB_CLIENT.secret,
      GOOGLE_MOBILE_CLIENT_IDS: 'google-android-client,google-ios-client',
      ...env,
    });
    return new OAuthKit(service, google);
  }

  async stop(): Promise<void> {
    await this.service.stop();
    this.google.close();
  }

  /** Signs in at Google in a browser; the answer is that of our callback. */
  async throughGoogle(subject: string, start = '/auth/google', browser = new Browser()): Promise<Hop> {
    const { location } = await browser.go(`${this.service.url}${start}`);
    const back = await this.google.signIn(browser, location!, subject);
    return browser.go(back.location!);
  }

  exchange(code: string, codeVerifier?: string) {
    return this.service.post('/auth/oauth/exchange', { code, codeVerifier });
  }

  /** The whole way, to the answer of the exchange. */
  async enterByGoogle(subject: string) {
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
