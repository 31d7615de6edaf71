import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { Agent, request } from 'undici';
import { AppError } from '../errors/index.js';
import { anyAddress } from '../http/index.js';

/** The URL of a key set, and how often it is fetched. */
export interface JwksCacheOptions {
  url: string;
  /** The least time between two requests for unknown keys, whatever tokens name them; 10 s by default. */
  cooldownMs?: number | undefined;
  /** An older set is fetched again in the background, and one of twice this age before it is used, so that withdrawn keys disappear; 5 minutes by default. */
  maxAgeMs?: number | undefined;
}

type JsonWebKeyOfSet = JsonWebKey & { kid?: string; use?: string; alg?: string };

/** For all attempts together. */
const FETCH_TIMEOUT_MS = 2000;
const CONNECT_TIMEOUT_MS = 700;
/** An instance of auth-service that stops breaks its connections; the next attempt may lead to another one. */
const ATTEMPTS = 3;
const RETRY_AFTER_FAILURE_MS = 1000;

/**
 * The public keys of auth-service by key id (RFC 7517). While auth-service is unavailable, the known keys stay valid, so that every user who
 * is signed in can continue. This is why it is not the remote key set of jose, which rejects every token when a fetch fails after its
 * cache has expired.
 */
export class JwksCache {
  readonly #url: string;
  readonly #cooldownMs: number;
  readonly #maxAgeMs: number;
  readonly #connections = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS, lookup: anyAddress() } });
  #keys = new Map<string, KeyObject>();
  #fetching: Promise<void> | undefined;
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #lastTryFailed = false;

  constructor({ url, cooldownMs = 10_000, maxAgeMs = 300_000 }: JwksCacheOptions) {
    this.#url = url;
    this.#cooldownMs = cooldownMs;
    this.#maxAgeMs = maxAgeMs;
  }

  /** Fetches the keys before a token needs them. A failure is no error: the first token that needs them fetches them. */
  async prepare(): Promise<void> {
    await this.#fetch().catch(() => {
      this.#triedAt = -Infinity;
    });
  }

  /** The key; undefined when auth-service does not have it. Rejects with `unavailable` when auth-service does not answer. */
  async find(kid: string): Promise<KeyObject | undefined> {
    const known = this.#keys.get(kid);
    const now = performance.now();
    if (known) {
      const ageMs = now - this.#fetchedAt;
      if (ageMs <= this.#maxAgeMs || !this.#mayFetch(now)) return known;
      const wasAvailable = !this.#lastTryFailed;
      const fetching = this.#fetch().catch(() => {});
      // After a time without requests, the set may be of any age.
      if (ageMs > 2 * this.#maxAgeMs && wasAvailable) await fetching;
      return this.#keys.get(kid);
    }
    if (this.#fetching || this.#mayFetch(now)) await this.#fetch().catch(() => {});
    const found = this.#keys.get(kid);
    if (!found && this.#lastTryFailed)
      throw new AppError('unavailable', 'auth/unavailable', 'Sign-in cannot be checked right now. Try again in a moment.');
    return found;
  }

  #mayFetch(now: number): boolean {
    return now - this.#triedAt >= (this.#lastTryFailed ? RETRY_AFTER_FAILURE_MS : this.#cooldownMs);
  }

  #fetch(): Promise<void> {
    this.#fetching ??= this.#load().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #load(): Promise<void> {
    this.#triedAt = performance.now();
    try {
      const keys = await this.#loadKeys(AbortSignal.timeout(FETCH_TIMEOUT_MS));
      const found = new Map<string, KeyObject>();
      for (const jwk of keys) {
        if (jwk.kid && jwk.kty === 'EC' && jwk.crv === 'P-256' && (jwk.use ?? 'sig') === 'sig' && (jwk.alg ?? 'ES256') === 'ES256')
          found.set(jwk.kid, createPublicKey({ key: jwk, format: 'jwk' }));
      }
      this.#keys = found;
      this.#fetchedAt = performance.now();
      this.#lastTryFailed = false;
    } catch (error) {
      this.#lastTryFailed = true;
      throw error;
    }
  }

  async #loadKeys(signal: AbortSignal): Promise<JsonWebKeyOfSet[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        // A connection of its own: one that was kept since the last time may be broken.
        const { statusCode, body } = await request(this.#url, { dispatcher: this.#connections, reset: true, signal });
        if (statusCode === 200) return ((await body.json()) as { keys: JsonWebKeyOfSet[] }).keys;
        await body.dump();
        throw new Error(`JWKS answered ${statusCode}`);
      } catch (error) {
        if (attempt === ATTEMPTS || signal.aborted) throw error;
      }
    }
  }
}
