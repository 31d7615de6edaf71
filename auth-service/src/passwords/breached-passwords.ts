import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { AuthConfig } from '../config.js';

const PREFIX_LENGTH = 5;
const ATTEMPTS = 2;
/** So the person who chooses a password waits two seconds at most. */
const ATTEMPT_MS = 1000;

/**
 * Asks a service of breached passwords (BREACHED_PASSWORDS_URL, the range API of Pwned Passwords) whether a password is among them. Only
 * the first five hex digits of its SHA-1 leave the house, which thousands of others share; what comes back is compared here. Without an
 * address nobody is asked. While the service does not answer, passwords are taken: that nobody can register or set a new password because
 * somebody else's server is away would be worse than one that leaked.
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
        this.logger.warn({ reason: reasonOf(error) }, 'a password was taken without asking whether it was breached');
        return false;
      }
    }
  }

  async #range(url: string): Promise<string> {
    const signal = AbortSignal.timeout(ATTEMPT_MS);
    // Padding hides from whoever sees the length of the answer which range was asked for.
    const headers = { 'add-padding': 'true', 'user-agent': 'chat-backend' };
    const answer = await fetch(url, { headers, redirect: 'error', signal });
    if (answer.status !== 200) throw new Error(`the service of breached passwords answered ${answer.status}`);
    return answer.text();
  }
}

/** Lines of `SUFFIX:COUNT`. Those for padding have the count 0. */
function hasSuffix(range: string, suffix: string): boolean {
  return range.split('\n').some((line) => {
    const [found, count] = line.trim().toUpperCase().split(':');
    return found === suffix && Number(count) > 0;
  });
}

/** `fetch failed` says nothing; its cause does. The address is in neither. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${(cause as { code?: string }).code ?? cause.message}` : message;
}
