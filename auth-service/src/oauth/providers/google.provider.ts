import { Strategy } from 'passport-google-oauth20';
import type { VerifyFunction } from 'passport-oauth2';
import { normaliseEmail } from '../../accounts/account-names.js';
import type { OAuthAttempts } from '../oauth-attempts.js';
import { providerRefused } from '../oauth.errors.js';
import { CodeFlow } from './code-flow.js';
import { IdTokenVerifier } from './id-tokens.js';
import {
  type Callback,
  type NewAttempt,
  type OAuthProvider,
  type ProviderIdentity,
  type SignedInAtProvider,
  textOrNull,
} from './oauth-provider.js';
import { getJson, requireSafe } from './provider-http.js';
import { passTokens, strategyOptions, useProviderHttp } from './strategies.js';

export interface GoogleOptions {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Of the native apps. */
  mobileClientIds: string[];
}

const GMAIL_DOMAINS = ['gmail.com', 'googlemail.com'];

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata */
interface Discovery {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  jwks_uri: string;
  authorization_response_iss_parameter_supported?: boolean;
}

interface Connection {
  flow: CodeFlow;
  idTokens: IdTokenVerifier;
}

/** The user's data is read from the ID token, so that passport-google-oauth20 need not ask for a profile. */
class GoogleStrategy extends Strategy {
  constructor(discovery: Discovery, { clientId, clientSecret }: GoogleOptions, attempts: OAuthAttempts) {
    const options = {
      authorizationURL: discovery.authorization_endpoint,
      tokenURL: discovery.token_endpoint,
      clientID: clientId,
      clientSecret,
      scope: 'openid email profile',
    };
    super(strategyOptions(options, attempts), passTokens as VerifyFunction as never);
    useProviderHttp(this._oauth2);
  }

  override authorizationParams(options: { nonce?: string }): object {
    return { ...super.authorizationParams(options), nonce: options.nonce };
  }
}

/** Google, by OpenID Connect. Its endpoints are discovered at the first sign-in. */
export class GoogleProvider implements OAuthProvider {
  readonly name = 'google';
  #connection: Promise<Connection> | null = null;

  constructor(
    private readonly options: GoogleOptions,
    private readonly attempts: OAuthAttempts,
  ) {}

  async begin(attempt: NewAttempt): Promise<string> {
    const { flow } = await this.#connect();
    return flow.begin(attempt);
  }

  async finish(callback: Callback): Promise<SignedInAtProvider> {
    const { flow, idTokens } = await this.#connectFor(callback);
    const { tokens, attempt } = await flow.finish(callback);
    const claims = await idTokens.verify(tokens.idToken, { audience: [this.options.clientId], nonce: attempt.nonce });
    return { identity: toIdentity(claims), codeChallenge: attempt.codeChallenge };
  }

  async verifyIdToken(idToken: string, nonce: string): Promise<ProviderIdentity> {
    const { clientId, mobileClientIds } = this.options;
    const { idTokens } = await this.#connect();
    return toIdentity(await idTokens.verify(idToken, { audience: [clientId, ...mobileClientIds], nonce }));
  }

  /** Uses the attempt up if Google is unavailable: a callback without an attempt is refused, and nothing more is said. */
  async #connectFor(callback: Callback): Promise<Connection> {
    try {
      return await this.#connect();
    } catch (error) {
      await this.attempts.use(callback);
      throw error;
    }
  }

  /** Once; again only after a failure. */
  #connect(): Promise<Connection> {
    this.#connection ??= this.#discover().catch((error: unknown) => {
      this.#connection = null;
      throw error;
    });
    return this.#connection;
  }

  async #discover(): Promise<Connection> {
    const { issuer } = this.options;
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const discovery = (await getJson(address)) as Discovery;
    // Otherwise another host could take over the sign-ins of this issuer (OpenID Connect Discovery, 4.3).
    if (discovery?.issuer !== issuer) throw providerRefused(new Error(`${address} is the document of another issuer`));
    // passport-google-oauth20 would use the endpoints of Google for those that are missing.
    for (const endpoint of [discovery.authorization_endpoint, discovery.token_endpoint, discovery.jwks_uri]) requireSafe(endpoint);
    // Older tokens of Google contain the issuer without the scheme.
    const issuers = [issuer, issuer.replace(/^https:\/\//, '')];
    const isRequired = discovery.authorization_response_iss_parameter_supported === true;
    return {
      flow: new CodeFlow(new GoogleStrategy(discovery, this.options, this.attempts), this.attempts, { names: [issuer], isRequired }),
      idTokens: new IdTokenVerifier({ issuers, jwksUrl: discovery.jwks_uri, algorithms: ['RS256', 'ES256'] }),
    };
  }
}

/** Google decides about addresses of Gmail and of the domain of a Google Workspace, which `hd` names. */
function isAuthorityFor(email: unknown, hostedDomain: unknown): boolean {
  if (typeof email !== 'string') return false;
  const domain = domainOf(email);
  return GMAIL_DOMAINS.includes(domain) || (typeof hostedDomain === 'string' && domainOf(`user@${hostedDomain}`) === domain);
}

function domainOf(email: string): string {
  return normaliseEmail(email).split('@').at(-1)!;
}

/** https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload */
function toIdentity(claims: Record<string, unknown>): ProviderIdentity {
  return {
    provider: 'google',
    subject: String(claims.sub),
    email: textOrNull(claims.email),
    emailVerified: claims.email_verified === true,
    isEmailAuthority: isAuthorityFor(claims.email, claims.hd),
    firstName: textOrNull(claims.given_name),
    lastName: textOrNull(claims.family_name),
    nickname: textOrNull(claims.name),
  };
}
