import { AppError } from '@chat/shared/errors';
import { providerRefused, providerUnavailable } from '../oauth.errors.js';

/** For each request, including the body of the response. */
const TIMEOUT_MS = 5_000;
const MAX_RESPONSE_BYTES = 256 * 1024;
const LOCAL_HOSTS = ['127.0.0.1', 'localhost', '[::1]'];
const BEARER_TOKEN = /^[\x21-\x7e]+$/;

export interface ProviderRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | null;
}

export interface ProviderResponse {
  status: number;
  text: string;
}

export interface RequestLimits {
  timeoutMs: number;
  maxResponseBytes: number;
}

/**
 * Every request to a provider goes through here: with a deadline, with a limit on the size of the response, and without following
 * redirects, because the request may carry our client secret or an access token. Throws `providerUnavailable` if there is no response, or
 * if it is a server error.
 */
export async function requestProvider(
  url: string,
  { method = 'GET', headers, body = null }: ProviderRequest = {},
  { timeoutMs, maxResponseBytes }: RequestLimits = { timeoutMs: TIMEOUT_MS, maxResponseBytes: MAX_RESPONSE_BYTES },
): Promise<ProviderResponse> {
  requireSafe(url);
  try {
    const response = await fetch(url, {
      method,
      headers: { 'user-agent': 'chat-backend', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await readText(response, maxResponseBytes);
    if (response.status >= 500) throw new Error(`${nameOf(url)} responded with status ${response.status}`);
    return { status: response.status, text };
  } catch (error) {
    throw error instanceof AppError ? error : providerUnavailable(error);
  }
}

/** Reads JSON from an API of a provider. The access token goes into a header, because addresses are logged. */
export async function getJson(url: string, { accessToken, headers }: { accessToken?: string; headers?: Record<string, string> } = {}) {
  if (accessToken !== undefined && !BEARER_TOKEN.test(accessToken)) throw providerRefused(new Error('the access token is malformed'));
  const authorization: Record<string, string> = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
  const { status, text } = await requestProvider(url, { headers: { accept: 'application/json', ...headers, ...authorization } });
  if (status !== 200) throw providerRefused(new Error(`${nameOf(url)} responded with status ${status}`));
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw providerRefused(error);
  }
}

/** Fake providers on this machine may use http; a real provider must not. */
export function requireSafe(url: string): void {
  if (!URL.canParse(url)) throw providerRefused(new Error('the address of an endpoint is missing or malformed'));
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || (protocol === 'http:' && LOCAL_HOSTS.includes(hostname))) return;
  throw providerRefused(new Error(`${nameOf(url)} does not use https`));
}

async function readText({ body }: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw providerRefused(new Error(`the response is longer than ${maxBytes} bytes`));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Without the query. */
function nameOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
