import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { DataSource, EntityManager } from 'typeorm';
import { encrypt } from '../secrets/encryption.js';
import { isRotationDue, PUBLISHED_AHEAD_MS, retiredKeysAt, waitingKeyAt } from './key-schedule.js';
import { type PublicJwk, SigningKey } from './signing-key.entity.js';

/** Any number that nothing else in this schema locks. */
const KEYS_LOCK = 7_305_001;

/** The keys in the database; whoever changes them does so alone. Used by auth-service and by `npm run keys`. */
export class SigningKeyStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly encryptionKey: Buffer,
  ) {}

  all(manager: EntityManager = this.dataSource.manager): Promise<SigningKey[]> {
    return manager.getRepository(SigningKey).find({ order: { signsFrom: 'ASC', kid: 'ASC' } });
  }

  /** Several instances may start for the first time at once: one makes the key, the others find it. */
  ensureFirst(): Promise<SigningKey[]> {
    return this.#alone(async (manager, keys) => (keys.length > 0 ? keys : [await this.#make(manager, new Date())]));
  }

  /** Makes the next key, which is published now and signs later. When one is waiting already, it is that one. */
  rotate(): Promise<SigningKey> {
    return this.#alone((manager, keys) => this.#makeNext(manager, keys));
  }

  /** Does what is due: the next key when the present one has its age, and those that nothing valid is signed with go. */
  keepUp({ maxAgeMs, lifeOfTokensMs }: { maxAgeMs: number | null; lifeOfTokensMs: number }): Promise<void> {
    return this.#alone(async (manager, keys) => {
      const now = new Date();
      if (isRotationDue(keys, now, maxAgeMs)) await this.#makeNext(manager, keys);
      for (const { kid } of retiredKeysAt(keys, now, lifeOfTokensMs)) await manager.getRepository(SigningKey).delete(kid);
    });
  }

  /**
   * For a key that somebody else may have: it is gone at once, and what it signed is refused as soon as the key set is read again. Without
   * another key a new one signs at once. Returns false when there is no such key.
   */
  withdraw(kid: string): Promise<boolean> {
    return this.#alone(async (manager, keys) => {
      if (!keys.some((key) => key.kid === kid)) return false;
      await manager.getRepository(SigningKey).delete(kid);
      const now = new Date();
      const left = keys.filter((key) => key.kid !== kid);
      if (!left.some(({ signsFrom }) => signsFrom <= now)) {
        const waiting = waitingKeyAt(left, now);
        if (waiting) await manager.getRepository(SigningKey).update(waiting.kid, { signsFrom: now });
        else await this.#make(manager, now);
      }
      return true;
    });
  }

  #makeNext(manager: EntityManager, keys: SigningKey[]): Promise<SigningKey> {
    const now = new Date();
    const waiting = waitingKeyAt(keys, now);
    if (waiting) return Promise.resolve(waiting);
    const isFirst = keys.length === 0;
    return this.#make(manager, isFirst ? now : new Date(now.getTime() + PUBLISHED_AHEAD_MS));
  }

  async #make(manager: EntityManager, signsFrom: Date): Promise<SigningKey> {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const publicJwk = publicKey.export({ format: 'jwk' }) as PublicJwk;
    const kid = await calculateJwkThumbprint(publicJwk);
    const encrypted = encrypt(privateKey.export({ format: 'der', type: 'pkcs8' }), this.encryptionKey, kid);
    const keys = manager.getRepository(SigningKey);
    return keys.save(keys.create({ kid, publicJwk, privateKey: encrypted, signsFrom }));
  }

  #alone<T>(job: (manager: EntityManager, keys: SigningKey[]) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query('select pg_advisory_xact_lock($1)', [KEYS_LOCK]);
      return job(manager, await this.all(manager));
    });
  }
}
