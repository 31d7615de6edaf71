import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { AuthConfig } from '../config.js';

const PREFIX_LENGTH = 5;
const ATTEMPTS = 2;
/** So a user that chooses a password waits for two seconds at most. */
const ATTEMPT_MS = 1000;

/**
 * Looks up a password in a service of breached passwords (BREACHED_PASSWORDS_URL, the range API of Pwned Passwords). Only the first five
 * hex digits of its SHA-1 are sent, which thousands of passwords share; the response is compared here. Without an address, nothing is
 * looked up. While the service is unavailable, passwords are accepted: refusing every registration and every new password would be worse
 * than accepting a breached one.
 */
@Injectable()
export class BreachedPasswords {
  constructor(
    private readonly config: AuthConfig,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  async includes(password: string): Promise<boolean> {
    const { breachedPasswordsUrl } = this.config;
    if (breachedPasswordsUrl === undefined) return false;
    const hash = createHash('sha1').update(password).digest('hex').toUpperCase();
    const [prefix, suffix] = [hash.slice(0, PREFIX_LENGTH), hash.slice(PREFIX_LENGTH)];
    for (let attempt = 1; ; attempt += 1) {
      try {
        return hasSuffix(await this.#range(`${breachedPasswordsUrl}/range/${prefix}`), suffix);
      } catch (error) {
        if (attempt < ATTEMPTS) continue;
        this.logger.warn(
          { reason: reasonOf(error) },
          'password accepted without a lookup of breached passwords: the service is unavailable',
        );
        return false;
      }
    }
  }

  async #range(url: string): Promise<string> {
    const signal = AbortSignal.timeout(ATTEMPT_MS);
    // Padding hides the requested range from an observer that sees the length of the response.
    const headers = { 'add-padding': 'true', 'user-agent': 'chat-backend' };
    const answer = await fetch(url, { headers, redirect: 'error', signal });
    if (answer.status !== 200) throw new Error(`the service of breached passwords answered ${answer.status}`);
    return answer.text();
  }
}

/** Lines of `SUFFIX:COUNT`. Padding has the count 0. */
function hasSuffix(range: string, suffix: string): boolean {
  return range.split('\n').some((line) => {
    const [found, count] = line.trim().toUpperCase().split(':');
    return found === suffix && Number(count) > 0;
  });
}

/** The message `fetch failed` is not helpful, its cause is. Neither contains the address. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${(cause as { code?: string }).code ?? cause.message}` : message;
}
