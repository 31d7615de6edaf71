/** The account as its owner sees it. Names and picture are profile-service's, so they are not here. */
export interface Account {
  userId: string;
  email: string;
  username: string;
  /** `local`, or the OAuth provider the account was made with. */
  provider: string;
  /** Whether the owner has shown that the address is theirs. */
  emailVerified: boolean;
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
