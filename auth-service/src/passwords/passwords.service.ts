import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AuthConfig } from '../config.js';
import { BreachedPasswords } from './breached-passwords.js';
import { isCommon } from './common-passwords.js';
import { contextWords, isMadeOf, type PasswordOwner } from './context-words.js';
import { costOf, hashPassword, passwordFits } from './password-hash.js';
import { passwordBreached, passwordEasilyGuessed, tooManySignIns } from './passwords.errors.js';
import { QueueFullError, WorkLimiter } from './work-limiter.js';

/**
 * Hashes and checks passwords. Hashing takes a core for tens of milliseconds on purpose, so one core is always left for everything else,
 * and beyond a short queue the work is refused.
 */
@Injectable()
export class PasswordsService implements OnModuleInit {
  readonly #limiter: WorkLimiter;
  #hashOfNobody: string;

  constructor(
    private readonly config: AuthConfig,
    private readonly breached: BreachedPasswords,
  ) {
    this.#limiter = new WorkLimiter(Math.max(1, availableParallelism() - 1), config.passwordQueueLength);
  }

  async onModuleInit(): Promise<void> {
    this.#hashOfNobody = await hashPassword(randomUUID(), this.config.bcryptCost);
  }

  /** Of a password that somebody chooses: one that is easily guessed, or was breached elsewhere, is refused. */
  async hash(password: string, owner: PasswordOwner): Promise<string> {
    if (isCommon(password) || isMadeOf(contextWords(owner, this.config), password)) throw passwordEasilyGuessed();
    if (await this.breached.includes(password)) throw passwordBreached();
    return this.#inTurn(() => hashPassword(password, this.config.bcryptCost));
  }

  /** Of a password that fits: another hash of it when the cost was raised since this one was made, else null. */
  async rehash(password: string, hash: string): Promise<string | null> {
    if (costOf(hash) >= this.config.bcryptCost) return null;
    return this.#inTurn(() => hashPassword(password, this.config.bcryptCost));
  }

  /** Without a hash (no such account, or one without a password) the answer is no, after the same work: the time tells nothing. */
  async fits(password: string, hash: string | null | undefined): Promise<boolean> {
    const fits = await this.#inTurn(() => passwordFits(password, hash ?? this.#hashOfNobody));
    return fits && typeof hash === 'string';
  }

  async #inTurn<T>(job: () => Promise<T>): Promise<T> {
    try {
      return await this.#limiter.run(job);
    } catch (error) {
      throw error instanceof QueueFullError ? tooManySignIns(error) : error;
    }
  }
}
