import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type ClientDetails, sourceOf } from '../client/client-details.js';
import { AuthConfig } from '../config.js';
import { BreachedPasswords } from './breached-passwords.js';
import { isCommon } from './common-passwords.js';
import { contextWords, isMadeOf, type PasswordOwner } from './context-words.js';
import { HashQueue, type HashPurpose, QueueFullError } from './hash-queue.js';
import { costOf, hashPassword, passwordMatches } from './password-hash.js';
import { passwordBreached, passwordEasilyGuessed, tooManySignIns } from './passwords.errors.js';
import { passwordHashesRefused, passwordHashSeconds } from './passwords.metrics.js';

/**
 * Hashes and checks passwords. A hash deliberately needs a core for tens of milliseconds, so one core is always left for other work. The
 * others are shared fairly between checks and new hashes, and between the networks of the clients; work beyond a short queue is refused.
 */
@Injectable()
export class PasswordsService implements OnModuleInit {
  readonly #queue: HashQueue;
  #dummyHash: string;

  constructor(
    private readonly config: AuthConfig,
    private readonly breached: BreachedPasswords,
  ) {
    const maxQueued = config.passwordQueueLength;
    const maxRunning = Math.max(1, availableParallelism() - 1);
    this.#queue = new HashQueue({ maxRunning, maxQueued, maxQueuedPerSource: Math.ceil(maxQueued / 2) });
  }

  async onModuleInit(): Promise<void> {
    this.#dummyHash = await hashPassword(randomUUID(), this.config.bcryptCost);
  }

  /** The hash of a new password. Refuses one that is easy to guess or breached. */
  async hash(password: string, owner: PasswordOwner, client: ClientDetails): Promise<string> {
    if (isCommon(password) || isMadeOf(contextWords(owner, this.config), password)) throw passwordEasilyGuessed();
    if (await this.breached.includes(password)) throw passwordBreached();
    return this.#hash(password, client);
  }

  /** A new hash of a correct password if the cost was raised since the stored one was computed, else null. */
  async rehash(password: string, hash: string, client: ClientDetails): Promise<string | null> {
    if (costOf(hash) >= this.config.bcryptCost) return null;
    return this.#hash(password, client);
  }

  /**
   * Without a hash (no such account, or no password) the result is false after the same work, so that the response time reveals nothing.
   */
  async matches(password: string, hash: string | null | undefined, client: ClientDetails): Promise<boolean> {
    const hashed = hash ?? this.#dummyHash;
    const matches = await this.#queued('check', client, costOf(hashed), () => passwordMatches(password, hashed));
    return matches && typeof hash === 'string';
  }

  #hash(password: string, client: ClientDetails): Promise<string> {
    const { bcryptCost } = this.config;
    return this.#queued('store', client, bcryptCost, () => hashPassword(password, bcryptCost));
  }

  async #queued<T>(purpose: HashPurpose, client: ClientDetails, cost: number, job: () => Promise<T>): Promise<T> {
    try {
      return await this.#queue.run(purpose, sourceOf(client), async () => {
        const stop = passwordHashSeconds.startTimer({ purpose, cost });
        const result = await job();
        stop();
        return result;
      });
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw error;
      passwordHashesRefused.inc({ purpose });
      throw tooManySignIns();
    }
  }
}
