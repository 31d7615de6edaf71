/** The account as its owner sees it. Names and picture are profile-service's, so they are not here. */
export interface Account {
  userId: string;
  email: string;
  username: string;
  /** `local`, or the OAuth provider the account was made with. */
  provider: string;
  /** Whether the owner has shown that the address is theirs. */
  emailVerified: boolean;
  /** Whether signing in needs a code of an authenticator app. */
  totpEnabled: boolean;
}

/** `POST /auth/register`, `/auth/login` and `/auth/refresh` answer with this. */
export interface AuthTokens {
  /** JWT (RFC 9068), ES256. */
  accessToken: string;
  /** Opaque, single use. */
  refreshToken: string;
  /** Life of the access token. */
  expiresInSeconds: number;
  user: Account;
}

/** What one signed-in person may know of another's account: `GET /auth/users/:userId`. */
export interface AccountSummary {
  userId: string;
  username: string;
  firstName: string | null;
  lastName: string | null;
  /** RFC 3339, UTC. */
  registeredAt: string;
}

/** `POST /auth/register`. */
export interface RegisterRequest {
  email: string;
  username: string;
  password: string;
  firstName?: string;
  lastName?: string;
}

/** `POST /auth/login`. */
export interface LoginRequest {
  email: string;
  password: string;
}

/** `POST /auth/refresh`. */
export interface RefreshRequest {
  refreshToken: string;
}

/** `POST /auth/validate`: whom the bearer token stands for. */
export interface ValidatedToken {
  userId: string;
  sessionId: string;
}

/**
 * `POST /auth/login/complete`: the second step of a sign-in that was answered with MFA_REQUIRED, whose details have the `mfaToken`. It
 * lasts 5 minutes and 5 codes.
 */
export interface CompleteLoginRequest {
  mfaToken: string;
  /** Of the authenticator app, or a recovery code. */
  code: string;
}

/** `POST /auth/totp/setup`. */
export interface TotpSetup {
  /** Base 32. */
  secret: string;
  otpauthUrl: string;
}

/** `POST /auth/totp/confirm` and `/auth/totp/disable`. */
export interface CodeRequest {
  code: string;
}

/** `POST /auth/totp/confirm` answers with these, once. */
export interface RecoveryCodes {
  recoveryCodes: string[];
}

/** Something that happened to an account: `GET /auth/security-events`, newest first. */
export interface SecurityEvent {
  id: string;
  type: string;
  sessionId: string | null;
  userAgent: string | null;
  ipAddress: string | null;
  details: Record<string, string | number | boolean>;
  /** RFC 3339, UTC. */
  createdAt: string;
}

export type OAuthProviderName = 'google' | 'github' | 'facebook';

/** `GET /auth/oauth/url/:provider`, as query. */
export interface OAuthStartRequest {
  platform: 'web' | 'mobile';
  /** PKCE S256. */
  codeChallenge?: string;
}

/** Its answer: what the client opens in a browser. */
export interface OAuthStart {
  url: string;
  /** RFC 3339, UTC. */
  expiresAt: string;
}

/** `POST /auth/oauth/exchange`, which answers with AuthTokens. */
export interface ExchangeOAuthCodeRequest {
  code: string;
  codeVerifier?: string;
}

/** `POST /auth/oauth/id-token`, which answers with AuthTokens. */
export interface IdTokenRequest {
  provider: OAuthProviderName;
  idToken: string;
  nonce: string;
}

/** One of `GET /auth/oauth/linked`. */
export interface LinkedAccount {
  provider: OAuthProviderName;
  email: string | null;
  /** RFC 3339, UTC. */
  linkedAt: string;
}

/** `GET /auth/sessions` gives a list of these: a sign-in on a device that still holds. */
export interface UserSession {
  sessionId: string;
  /** Whether it is the one that asks. */
  current: boolean;
  userAgent: string | null;
  ipAddress: string | null;
  /** RFC 3339, UTC. */
  createdAt: string;
  /** When tokens were last given for it, RFC 3339, UTC. */
  lastUsedAt: string;
}

/** `POST /auth/sessions/revoke-others`: how many ended. */
export interface RevokedSessionCount {
  revoked: number;
}

/** `POST /auth/account/delete`. The password is needed when the account has one; else the session must be a young one. */
export interface DeleteAccountRequest {
  password?: string;
}

/** `POST /auth/password/change`. */
export interface ChangePasswordRequest {
  currentPassword: string;
  newPassword: string;
}

/** `POST /auth/email/verify`: the token of the link in the mail. */
export interface VerifyEmailRequest {
  token: string;
}

/** `POST /auth/password/forgot`. */
export interface ForgotPasswordRequest {
  email: string;
}

/** `POST /auth/password/reset`: the token of the link in the mail. */
export interface ResetPasswordRequest {
  token: string;
  newPassword: string;
}
