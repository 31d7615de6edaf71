export const PROVIDER_NAMES = ['google', 'github', 'facebook'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** GitHub supports OAuth 2 only, not OpenID Connect. */
export const PROVIDERS_WITH_ID_TOKENS: readonly ProviderName[] = ['google', 'facebook'];

export const PLATFORMS = ['web', 'mobile'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** A user, as a provider describes them. */
export interface ProviderIdentity {
  provider: ProviderName;
  /** The provider's id of the user, which never changes. An account is found by it, together with `provider`. */
  subject: string;
  email: string | null;
  /** Whether the provider states that the address belongs to the user. */
  emailVerified: boolean;
  /**
   * Whether the provider decides which user owns the address. Only then an account with the address is linked without asking: a provider
   * that verified the address once does not learn that it belongs to another user now.
   */
  isEmailAuthority: boolean;
  firstName: string | null;
  lastName: string | null;
  /** Source of a username. Never the e-mail address, which other users must not learn. */
  nickname: string | null;
}

/** A field of the user data, if it is text: providers return what their users have entered. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A sign-in that is about to begin. Its three secrets are new for each attempt. */
export interface NewAttempt {
  provider: ProviderName;
  platform: Platform;
  /** Our callback, exactly as it is registered at the provider. */
  redirectUri: string;
  /** PKCE between the client and us. */
  codeChallenge: string | null;
  state: string;
  nonce: string;
  /** For the cookie of the browser: only this browser can finish the attempt. */
  browserSecret: string;
}

/** The request with which the browser returns from the provider. */
export interface Callback {
  provider: ProviderName;
  platform: Platform;
  redirectUri: string;
  state: string;
  query: URLSearchParams;
  browserSecret: string | undefined;
}

export interface SignedInAtProvider {
  identity: ProviderIdentity;
  /** Of the attempt that the callback belongs to. */
  codeChallenge: string | null;
}

/** A provider of identities. Each has its own file, which also maps its user data to ProviderIdentity. */
export interface OAuthProvider {
  readonly name: ProviderName;
  /** Stores the attempt, and returns the address at the provider to redirect the browser to. */
  begin(attempt: NewAttempt): Promise<string>;
  /** Uses the attempt up, and returns the user after all checks of the protocol. */
  finish(callback: Callback): Promise<SignedInAtProvider>;
  /** For native apps, which get an ID token from the provider's SDK. Not every provider issues ID tokens. */
  verifyIdToken?(idToken: string, nonce: string): Promise<ProviderIdentity>;
}
