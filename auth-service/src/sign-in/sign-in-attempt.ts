import type { SignInOrigin } from './sign-in-origin.js';

/** How somebody has shown who they are. */
export type SignInMethod = 'password' | 'google' | 'github' | 'facebook';

/** A sign-in whose first factor was right. */
export interface SignInAttempt extends SignInOrigin {
  method: SignInMethod;
  /** Of the one-time code that it began with. */
  codeHash?: Buffer;
}
