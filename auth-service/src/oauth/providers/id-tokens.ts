import { errors } from 'jose';

/** Whether a token could not be checked because the provider's keys could not be had; otherwise the token is at fault. */
export function isKeySetAway(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout) return true;
  if (error instanceof TypeError && error.message === 'fetch failed') return true;
  // What jose says of an answer other than 200 is its plain error.
  return error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC';
}
