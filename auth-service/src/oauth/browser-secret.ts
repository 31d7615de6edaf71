import type { FastifyReply, FastifyRequest } from 'fastify';
import { ATTEMPT_SECONDS } from './oauth-attempts.js';

/**
 * The cookie that binds an attempt to a browser. Each attempt has its own cookie, so that two tabs do not overwrite each other's. With the
 * prefix `__Host-` (https only) no other host of the domain can set it. It is Lax, because the provider redirects the browser to us.
 */
export class BrowserSecretCookie {
  readonly #prefix: string;
  readonly #attributes: string;

  constructor(publicUrl: string) {
    const isSecure = publicUrl.startsWith('https://');
    this.#prefix = isSecure ? '__Host-oauth-' : 'oauth-';
    this.#attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  }

  set(reply: FastifyReply, attemptId: string, secret: string): void {
    void reply.header('set-cookie', `${this.#prefix}${attemptId}=${secret}; Max-Age=${ATTEMPT_SECONDS}; ${this.#attributes}`);
  }

  clear(reply: FastifyReply, attemptId: string): void {
    void reply.header('set-cookie', `${this.#prefix}${attemptId}=; Max-Age=0; ${this.#attributes}`);
  }

  read(request: FastifyRequest, attemptId: string): string | undefined {
    const name = `${this.#prefix}${attemptId}=`;
    const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
    return pairs.find((pair) => pair.startsWith(name))?.slice(name.length);
  }
}
