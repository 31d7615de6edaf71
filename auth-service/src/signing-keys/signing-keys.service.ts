import { createPrivateKey, type KeyObject } from 'node:crypto';
import { ConfigError } from '@chat/shared/config';
import { whenAvailable } from '@chat/shared/database';
import { LOGGER, type Log } from '@chat/shared/observability';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DerivedKeys } from '../secrets/derived-keys.js';
import { decrypt } from '../secrets/encryption.js';
import { signingKeyAt } from './key-schedule.js';
import { SigningKeyStore } from './signing-key-store.js';
import { type PublicJwk, SigningKey } from './signing-key.entity.js';

/**
 * The keys for signing access tokens, in the memory of this instance. They are stored in the database, so that every instance signs with
 * the same key; the first start creates the first key.
 */
@Injectable()
export class SigningKeysService implements OnModuleInit {
  readonly #store: SigningKeyStore;
  #keys: SigningKey[] = [];
  #opened = new Map<string, KeyObject>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly derivedKeys: DerivedKeys,
    @Inject(LOGGER) private readonly log: Log,
  ) {
    this.#store = new SigningKeyStore(dataSource, derivedKeys.signingKeyEncryption);
  }

  async onModuleInit(): Promise<void> {
    this.#take(await whenAvailable(this.dataSource, this.log, () => this.#store.ensureFirst()));
  }

  /** Reads keys that other instances or operators created or deleted. */
  async reload(): Promise<void> {
    const keys = await this.#store.all();
    // The table is empty, which no instance causes: the known keys are better than none.
    if (keys.length > 0) this.#take(keys);
  }

  /** The key that signs now. */
  current(): { kid: string; privateKey: KeyObject } {
    const { kid } = signingKeyAt(this.#keys, new Date()) ?? this.#keys[0]!;
    return { kid, privateKey: this.#opened.get(kid)! };
  }

  /** Every key that a valid token is signed with, now or soon (RFC 7517). */
  publicKeys(): (PublicJwk & { kid: string; alg: string; use: string })[] {
    return this.#keys.map(({ kid, publicJwk: { kty, crv, x, y } }) => ({ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }));
  }

  /** Those of the keys that an operator has withdrawn. A key that was retired after its last token had expired is not among them. */
  async withdrawnOf(kids: string[]): Promise<string[]> {
    return this.#store.withdrawnOf(kids);
  }

  #take(keys: SigningKey[]): void {
    this.#opened = new Map(keys.map((key) => [key.kid, this.#opened.get(key.kid) ?? this.#open(key)]));
    this.#keys = keys;
  }

  #open(key: SigningKey): KeyObject {
    try {
      const der = decrypt(key.privateKey, this.derivedKeys.signingKeyEncryption, key.kid);
      return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    } catch {
      throw new ConfigError([
        'AUTH_SECRET is not the one that the signing keys in this database were encrypted with; put the former value back',
      ]);
    }
  }
}
