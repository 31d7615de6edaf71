import type { ClientDetails } from '../sessions/client-details.js';

/** How somebody has shown who they are. */
export type SignInMethod = 'password' | 'google' | 'github' | 'facebook';

/** A sign-in whose first factor was right. */
export interface SignInAttempt {
  method: SignInMethod;
  client: ClientDetails;
  /** Of the one-time code that it began with. */
  codeHash?: Buffer;
}
