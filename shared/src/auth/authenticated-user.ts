/** The user that makes a request, as its token says. */
export interface AuthenticatedUser {
  userId: string;
  sessionId: string;
  /** The bearer token of the request, to be passed on to other services. */
  token: string;
  /**
   * `internal`: the gateway makes the request for a socket whose access token may have expired. `mfa-enrollment`: the user must finish the
   * MFA enrolment before anything else, and may use only operations with `@AllowDuringMfaEnrollment()`.
   */
  kind: 'user' | 'internal' | 'mfa-enrollment';
}
