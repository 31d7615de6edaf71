import { AppError } from '@chat/shared/errors';
import {
  allowInsecureRequests,
  AuthorizationResponseError,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
} from 'openid-client';
import { providerRefused, providerUnavailable } from '../oauth.errors.js';
import type { RoundTrip } from './oauth-provider.js';

/** Seconds for each call to a provider. */
export const PROVIDER_TIMEOUT_SECONDS = 5;

/** Stand-ins on this machine may speak http; a provider out there must not. */
export function mayUseHttp(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

export function allowHttpFor(address: string): ((config: Configuration) => void)[] {
  return mayUseHttp(address) ? [allowInsecureRequests] : [];
}

/** The first leg of the code flow, with state and PKCE. */
export async function authorizationUrlOf(config: Configuration, trip: RoundTrip, parameters: Record<string, string>): Promise<URL> {
  return buildAuthorizationUrl(config, {
    redirect_uri: trip.redirectUri,
    state: trip.state,
    code_challenge: await calculatePKCECodeChallenge(trip.codeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
}

/** The second: state, issuer and, where there is one, the ID token are checked on the way. */
export function exchangeCode(config: Configuration, callback: URL, trip: RoundTrip, { hasIdToken }: { hasIdToken: boolean }) {
  return authorizationCodeGrant(config, callback, {
    expectedState: trip.state,
    pkceCodeVerifier: trip.codeVerifier,
    ...(hasIdToken ? { expectedNonce: trip.nonce, idTokenExpected: true } : {}),
  });
}

/** A provider that cannot be reached is unavailable; one whose answer does not hold is refused. */
export async function askProvider<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (error instanceof AuthorizationResponseError) throw providerRefused(error);
    throw isAway(error) ? providerUnavailable(error) : providerRefused(error);
  }
}

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause, name, status } = error as Error & { code?: string; status?: number };
  if (name === 'TimeoutError' || name === 'AbortError' || code === 'OAUTH_TIMEOUT') return true;
  if (name === 'TypeError' && error.message === 'fetch failed') return true;
  if (typeof status === 'number' && status >= 500) return true;
  if (cause instanceof Response) return cause.status >= 500;
  return cause instanceof Error && isAway(cause);
}
