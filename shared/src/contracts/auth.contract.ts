/** The account as its owner sees it. Names and picture belong to profile-service. */
export interface Account {
  userId: string;
  email: string;
  username: string;
  /** `local`, or the OAuth provider with which the account was created. */
  provider: string;
  /** Whether the e-mail address is verified. */
  emailVerified: boolean;
  /** Whether a sign-in needs a code of an authenticator app. */
  totpEnabled: boolean;
}

/** The answer of `POST /auth/register`, `/auth/login` and `/auth/refresh`. */
export interface AuthTokens {
  /** JWT (RFC 9068), ES256. */
  accessToken: string;
  /** Opaque; valid for one use. */
  refreshToken: string;
  /** The lifetime of the access token. */
  expiresInSeconds: number;
  user: Account;
}

/** The part of an account that other services may see: `GET /auth/users/:userId`. */
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

/** `POST /auth/validate`: the user and the session of the bearer token. */
export interface ValidatedToken {
  userId: string;
  sessionId: string;
}

/**
 * `POST /auth/login/complete`: the second step of a sign-in after MFA_REQUIRED, whose details contain the `mfaToken`. It is valid for 5
 * minutes and 5 codes.
 */
export interface CompleteLoginRequest {
  mfaToken: string;
  /** A code of the authenticator app, or a recovery code. */
  code: string;
}

/** `POST /auth/totp/setup`. */
export interface TotpSetup {
  /** Base 32 (RFC 4648). */
  secret: string;
  otpauthUrl: string;
}

/** `POST /auth/totp/confirm` and `/auth/totp/disable`. */
export interface CodeRequest {
  code: string;
}

/** The answer of `POST /auth/totp/confirm`; the codes are shown once. */
export interface RecoveryCodes {
  recoveryCodes: string[];
}

/** One entry of `GET /auth/security-events`, which lists the newest first. */
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

/** One entry of `GET /auth/sessions`: a session that is not revoked or expired. */
export interface UserSession {
  sessionId: string;
  /** Whether it is the session of the request. */
  current: boolean;
  userAgent: string | null;
  ipAddress: string | null;
  /** RFC 3339, UTC. */
  createdAt: string;
  /** When the session last got tokens, RFC 3339, UTC. */
  lastUsedAt: string;
}

/** `POST /auth/sessions/check`, for the gateway only: sessions of open sockets, and the keys that signed their tokens; at most 1,000 of each. */
export interface SessionCheckRequest {
  sessionIds: string[];
  keyIds: string[];
}

/** The answer of `POST /auth/sessions/check`. */
export interface SessionCheck {
  /** Those of the sessions that are active: neither revoked nor expired. */
  active: ActiveSession[];
  /** Those of the keys that an operator has withdrawn. */
  withdrawnKeyIds: string[];
}

/** A session that is not revoked and has not expired. */
export interface ActiveSession {
  sessionId: string;
  /** The time after which it expires, unless it is refreshed before. */
  expiresInSeconds: number;
}

/** `POST /auth/sessions/revoke-others`: the number of revoked sessions. */
export interface RevokedSessionCount {
  revoked: number;
}

/** `POST /auth/account/delete`. An account with a password needs it; any other account needs a session of a recent login. */
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
