import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AuthConfig } from '../config.js';
import { BreachedPasswords } from './breached-passwords.js';
import { isCommon } from './common-passwords.js';
import { contextWords, isMadeOf, type PasswordOwner } from './context-words.js';
import { costOf, hashPassword, passwordMatches } from './password-hash.js';
import { passwordBreached, passwordEasilyGuessed, tooManySignIns } from './passwords.errors.js';
import { passwordHashSeconds } from './passwords.metrics.js';
import { QueueFullError, ConcurrencyLimiter } from './concurrency-limiter.js';

/**
 * Hashes and checks passwords. Hashing takes a core for tens of milliseconds on purpose, so one core is always left for everything else,
 * and beyond a short queue the work is refused.
 */
@Injectable()
export class PasswordsService implements OnModuleInit {
  readonly #limiter: ConcurrencyLimiter;
  #hashOfNobody: string;

  constructor(
    private readonly config: AuthConfig,
    private readonly breached: BreachedPasswords,
  ) {
    this.#limiter = new ConcurrencyLimiter(Math.max(1, availableParallelism() - 1), config.passwordQueueLength);
  }

  async onModuleInit(): Promise<void> {
    this.#hashOfNobody = await hashPassword(randomUUID(), this.config.bcryptCost);
  }

  /** Of a password that somebody chooses: one that is easily guessed, or was breached elsewhere, is refused. */
  async hash(password: string, owner: PasswordOwner): Promise<string> {
    if (isCommon(password) || isMadeOf(contextWords(owner, this.config), password)) throw passwordEasilyGuessed();
    if (await this.breached.includes(password)) throw passwordBreached();
    return this.#hash(password);
  }

  /** Of a password that fits: another hash of it when the cost was raised since this one was made, else null. */
  async rehash(password: string, hash: string): Promise<string | null> {
    if (costOf(hash) >= this.config.bcryptCost) return null;
    return this.#hash(password);
  }

  /** Without a hash (no such account, or one without a password) the answer is no, after the same work: the time tells nothing. */
  async matches(password: string, hash: string | null | undefined): Promise<boolean> {
    const hashed = hash ?? this.#hashOfNobody;
    const fits = await this.#limited('check', costOf(hashed), () => passwordMatches(password, hashed));
    return fits && typeof hash === 'string';
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
