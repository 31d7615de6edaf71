import type { RequestToken, ServiceName } from '../contracts/index.js';

/** The user that makes a request, as its token says. */
export interface AuthenticatedUser {
  userId: string;
  sessionId: string;
  /** The bearer token of the request, or what makes one for each receiver. */
  token: RequestToken;
  /**
   * `internal`: a service makes the request on behalf of the user, such as the gateway for a socket whose access token may have expired.
   * `mfa-enrollment`: the user must finish the MFA enrolment before anything else, and may use only operations with
   * `@AllowDuringMfaEnrollment()`.
   */
  kind: 'user' | 'internal' | 'mfa-enrollment';
  /** The service that makes an internal request; undefined for any other. */
  issuer?: ServiceName;
}
