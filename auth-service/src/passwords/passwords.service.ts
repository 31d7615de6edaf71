import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ConcurrencyLimiter, QueueFullError } from '@chat/shared/async';
import { AuthConfig } from '../config.js';
import { BreachedPasswords } from './breached-passwords.js';
import { isCommon } from './common-passwords.js';
import { contextWords, isMadeOf, type PasswordOwner } from './context-words.js';
import { costOf, hashPassword, passwordMatches } from './password-hash.js';
import { passwordBreached, passwordEasilyGuessed, tooManySignIns } from './passwords.errors.js';
import { passwordHashSeconds } from './passwords.metrics.js';

/**
 * Hashes and checks passwords. A hash deliberately needs a core for tens of milliseconds, so one core is always left for other work, and
 * work beyond a short queue is refused.
 */
@Injectable()
export class PasswordsService implements OnModuleInit {
  readonly #limiter: ConcurrencyLimiter;
  #dummyHash: string;

  constructor(
    private readonly config: AuthConfig,
    private readonly breached: BreachedPasswords,
  ) {
    this.#limiter = new ConcurrencyLimiter({ maxRunning: Math.max(1, availableParallelism() - 1), maxQueued: config.passwordQueueLength });
  }

  async onModuleInit(): Promise<void> {
    this.#dummyHash = await hashPassword(randomUUID(), this.config.bcryptCost);
  }

  /** The hash of a new password. Refuses one that is easy to guess or breached. */
  async hash(password: string, owner: PasswordOwner): Promise<string> {
    if (isCommon(password) || isMadeOf(contextWords(owner, this.config), password)) throw passwordEasilyGuessed();
    if (await this.breached.includes(password)) throw passwordBreached();
    return this.#hash(password);
  }

  /** A new hash of a correct password if the cost was raised since the stored one was computed, else null. */
  async rehash(password: string, hash: string): Promise<string | null> {
    if (costOf(hash) >= this.config.bcryptCost) return null;
    return this.#hash(password);
  }

  /**
   * Without a hash (no such account, or no password) the result is false after the same work, so that the response time reveals nothing.
   */
  async matches(password: string, hash: string | null | undefined): Promise<boolean> {
    const hashed = hash ?? this.#dummyHash;
    const matches = await this.#limited('check', costOf(hashed), () => passwordMatches(password, hashed));
    return matches && typeof hash === 'string';
  }

  #hash(password: string): Promise<string> {
    const { bcryptCost } = this.config;
    return this.#limited('store', bcryptCost, () => hashPassword(password, bcryptCost));
  }

  async #limited<T>(purpose: 'store' | 'check', cost: number, job: () => Promise<T>): Promise<T> {
    try {
      return await this.#limiter.run(async () => {
        const stop = passwordHashSeconds.startTimer({ purpose, cost });
        const result = await job();
        stop();
        return result;
      });
    } catch (error) {
      throw error instanceof QueueFullError ? tooManySignIns(error) : error;
    }
  }
}
