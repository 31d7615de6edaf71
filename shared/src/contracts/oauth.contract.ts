/** The OAuth providers for sign-in. */
export type OAuthProviderName = 'google' | 'github' | 'facebook';

/** The query of `GET /auth/oauth/url/:provider`. */
export interface OAuthStartRequest {
  platform: 'web' | 'mobile';
  /** PKCE, S256 (RFC 7636). */
  codeChallenge?: string;
}

/** The answer of `GET /auth/oauth/url/:provider`: the URL that the client opens in a browser. */
export interface OAuthStart {
  url: string;
  /** RFC 3339, UTC. */
  expiresAt: string;
}

/** `POST /auth/oauth/exchange`; the answer is AuthTokens. */
export interface ExchangeOAuthCodeRequest {
  code: string;
  codeVerifier?: string;
}

/** `POST /auth/oauth/id-token`; the answer is AuthTokens. */
export interface IdTokenRequest {
  provider: OAuthProviderName;
  idToken: string;
  nonce: string;
}

/** One entry of `GET /auth/oauth/linked`. */
export interface LinkedAccount {
  provider: OAuthProviderName;
  email: string | null;
  /** RFC 3339, UTC. */
  linkedAt: string;
}
