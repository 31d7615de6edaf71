import { decodeProtectedHeader, jwtVerify } from 'jose';
import type { InternalPublicKey } from '../config/index.js';
import type { ServiceName } from '../contracts/index.js';
import { atMostEvery, type Log } from '../observability/index.js';
import { INTERNAL_TOKEN_SECONDS, INTERNAL_TOKEN_TYPE, keyIdOf, type RepresentedUser } from './internal-tokens.js';

/** The service that receives requests, and the keys of those that may make them. */
export interface InternalTokenVerificationOptions {
  receiver: ServiceName;
  publicKeys: InternalPublicKey[];
  logger?: Log;
}

/** What an internal token says. */
export interface InternalRequest extends RepresentedUser {
  issuer: ServiceName;
  expiresAtMs: number;
}

/** How far the clocks of two services may differ. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** A key that does not fit is a mistake of an operator, so it is logged; but a stranger can send any number of wrong tokens. */
const LOG_INTERVAL_MS = 10_000;

/** Verifies the tokens of InternalTokens: signed by a service whose public key is known, as that service, for this receiver. */
export class InternalTokenVerification {
  readonly #receiver: ServiceName;
  readonly #keys: Map<string, InternalPublicKey>;
  readonly #log: (error: unknown) => void;

  constructor({ receiver, publicKeys, logger }: InternalTokenVerificationOptions) {
    this.#receiver = receiver;
    this.#log = atMostEvery(LOG_INTERVAL_MS, (error) => logger?.warn({ error }, 'an internal token is not valid'));
    this.#keys = new Map(publicKeys.map((one) => [keyIdOf(one.key), one]));
  }

  /** Rejects with the reason why the token is not valid. */
  async verify(token: string): Promise<InternalRequest> {
    try {
      return await this.#verify(token);
    } catch (error) {
      this.#log(error);
      throw error;
    }
  }

  async #verify(token: string): Promise<InternalRequest> {
    const known = this.#keys.get(decodeProtectedHeader(token).kid ?? '');
    if (!known) throw new Error('no service has the key that the token names');
    const { payload } = await jwtVerify(token, known.key, {
      algorithms: ['EdDSA'],
      typ: INTERNAL_TOKEN_TYPE,
      issuer: known.issuer,
      audience: this.#receiver,
      requiredClaims: ['sub', 'sid', 'iat', 'exp'],
      maxTokenAge: INTERNAL_TOKEN_SECONDS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    const { sub, sid, iat, exp } = payload;
    if (typeof sub !== 'string' || sub === '' || typeof sid !== 'string' || sid === '') throw new Error('no subject or no session');
    const expiresAtSeconds = Math.min(exp!, iat! + INTERNAL_TOKEN_SECONDS) + CLOCK_TOLERANCE_SECONDS;
    return { issuer: known.issuer, userId: sub, sessionId: sid, expiresAtMs: expiresAtSeconds * 1000 };
  }
}
