import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { DataSource, EntityManager } from 'typeorm';
import { encrypt } from '../secrets/encryption.js';
import { isRotationDue, PUBLISHED_AHEAD_MS, retiredKeysAt, waitingKeyAt } from './key-schedule.js';
import { type PublicJwk, SigningKey } from './signing-key.entity.js';

/** An arbitrary number for the advisory lock, unique in this schema. */
const KEYS_LOCK = 7_305_001;

/** The keys in the database. Every change holds an advisory lock. Used by auth-service and by `cli/keys.command.ts`. */
export class SigningKeyStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly encryptionKey: Buffer,
  ) {}

  all(manager: EntityManager = this.dataSource.manager): Promise<SigningKey[]> {
    return manager.getRepository(SigningKey).find({ order: { signsFrom: 'ASC', kid: 'ASC' } });
  }

  /** If several instances start on an empty database, one creates the key and the others read it. */
  ensureFirst(): Promise<SigningKey[]> {
    return this.#withLock(async (manager, keys) => (keys.length > 0 ? keys : [await this.#create(manager, new Date())]));
  }

  /** Creates the next key, which is published now and signs later. If one is waiting already, returns that one. */
  rotate(): Promise<SigningKey> {
    return this.#withLock((manager, keys) => this.#createNext(manager, keys));
  }

  /** Creates the next key if the current one has reached its maximum age, and deletes keys that no valid token is signed with. */
  rotateIfDue({ maxAgeMs, tokenLifetimeMs }: { maxAgeMs: number | null; tokenLifetimeMs: number }): Promise<void> {
    return this.#withLock(async (manager, keys) => {
      const now = new Date();
      if (isRotationDue(keys, now, maxAgeMs)) await this.#createNext(manager, keys);
      for (const { kid } of retiredKeysAt(keys, now, tokenLifetimeMs)) await manager.getRepository(SigningKey).delete(kid);
    });
  }

  /**
   * For a key that may have been stolen: deletes it at once; its tokens are refused as soon as key sets are refreshed. If no other key
   * signs, the waiting or a new one signs at once. Its id is kept, so that sockets which were opened with it are closed. False if the key does not exist.
   */
  withdraw(kid: string): Promise<boolean> {
    return this.#withLock(async (manager, keys) => {
      if (!keys.some((key) => key.kid === kid)) return false;
      await manager.getRepository(SigningKey).delete(kid);
      await manager.query('insert into withdrawn_signing_keys (kid) values ($1)', [kid]);
      const now = new Date();
      const left = keys.filter((key) => key.kid !== kid);
      if (!left.some(({ signsFrom }) => signsFrom <= now)) {
        const waiting = waitingKeyAt(left, now);
        if (waiting) await manager.getRepository(SigningKey).update(waiting.kid, { signsFrom: now });
        else await this.#create(manager, now);
      }
      return true;
    });
  }

  async withdrawnOf(kids: string[]): Promise<string[]> {
    const found = await this.dataSource.query<{ kid: string }[]>('select kid from withdrawn_signing_keys where kid = any($1)', [kids]);
    return found.map(({ kid }) => kid);
  }

  #createNext(manager: EntityManager, keys: SigningKey[]): Promise<SigningKey> {
    const now = new Date();
    const waiting = waitingKeyAt(keys, now);
    if (waiting) return Promise.resolve(waiting);
    const isFirst = keys.length === 0;
    return this.#create(manager, isFirst ? now : new Date(now.getTime() + PUBLISHED_AHEAD_MS));
  }

  async #create(manager: EntityManager, signsFrom: Date): Promise<SigningKey> {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const publicJwk = publicKey.export({ format: 'jwk' }) as PublicJwk;
    const kid = await calculateJwkThumbprint(publicJwk);
    const encrypted = encrypt(privateKey.export({ format: 'der', type: 'pkcs8' }), this.encryptionKey, kid);
    const keys = manager.getRepository(SigningKey);
    return keys.save(keys.create({ kid, publicJwk, privateKey: encrypted, signsFrom }));
  }

  #withLock<T>(job: (manager: EntityManager, keys: SigningKey[]) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query('select pg_advisory_xact_lock($1)', [KEYS_LOCK]);
      return job(manager, await this.all(manager));
    });
  }
}
