/** Whom a request is made for. */
export interface AuthenticatedUser {
  userId: string;
  sessionId: string;
  /** As it came, to be passed on to other services. */
  token: string;
  /**
   * `internal`: the gateway speaks for a socket whose access token may have run out. `setup`: must set up a second factor first, and gets
   * only where `@DuringSetup()` says so.
   */
  kind: 'user' | 'internal' | 'mfa-enrollment';
}
