export const PROVIDER_NAMES = ['google', 'github', 'facebook'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** GitHub speaks OAuth 2, not OpenID Connect. */
export const PROVIDERS_WITH_ID_TOKENS: readonly ProviderName[] = ['google', 'facebook'];

/** Somebody as a provider knows them. */
export interface ProviderIdentity {
  provider: ProviderName;
  /** The provider's own name for the person, which never changes: with `provider`, what an account is found by. */
  subject: string;
  email: string | null;
  /** Whether the provider has made sure that the address is theirs. */
  emailVerified: boolean;
  firstName: string | null;
  lastName: string | null;
  /** What a user name may be made of; never the address, which is nobody else's business. */
  nickname: string | null;
}

/** What ties the redirect to the provider to the one back; made anew for each attempt. */
export interface RoundTrip {
  /** Ours, exactly as it is registered at the provider. */
  redirectUri: string;
  state: string;
  nonce: string;
  /** PKCE between us and the provider. */
  codeVerifier: string;
}

/** A place where people sign in. Each has its file, with the mapper from its words to ProviderIdentity. */
export interface OAuthProvider {
  readonly name: ProviderName;
  /** Where to send the browser. */
  authorizationUrl(trip: RoundTrip): Promise<URL>;
  /** Who came back, after every check that the protocol has. `callback` is `redirectUri` with the query that the browser brought. */
  identify(callback: URL, trip: RoundTrip): Promise<ProviderIdentity>;
  /** For native apps, which get an ID token from the provider's own SDK. Not every provider has them. */
  verifyIdToken?(idToken: string, nonce: string): Promise<ProviderIdentity>;
}
