import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ConfigError } from '@chat/shared/config';
import { calculateJwkThumbprint } from 'jose';
import { DataSource, type EntityManager } from 'typeorm';
import { DerivedKeys } from '../secrets/derived-keys.js';
import { decrypt, encrypt } from './key-encryption.js';
import { type PublicJwk, SigningKey } from './signing-key.entity.js';

/** Any number that nothing else in this schema locks. */
const FIRST_KEY_LOCK = 7_305_001;

/**
 * The keys that access tokens are signed with. They are in the database, so that every instance signs with the same one; the first start
 * makes the first.
 */
@Injectable()
export class SigningKeysService implements OnModuleInit {
  #keys: SigningKey[];
  #current: { kid: string; privateKey: KeyObject };

  constructor(
    private readonly dataSource: DataSource,
    private readonly derivedKeys: DerivedKeys,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#keys = await this.dataSource.transaction(async (manager) => {
      // Several instances may start for the first time at once: one makes the key, the others find it.
      await manager.query('select pg_advisory_xact_lock($1)', [FIRST_KEY_LOCK]);
      const found = await manager.getRepository(SigningKey).find({ order: { createdAt: 'DESC', kid: 'ASC' } });
      return found.length > 0 ? found : [await this.#makeKey(manager)];
    });
    const [newest] = this.#keys;
    this.#current = { kid: newest!.kid, privateKey: this.#open(newest!) };
  }

  /** The key to sign with now. */
  current(): { kid: string; privateKey: KeyObject } {
    return this.#current;
  }

  /** Every key that a valid token may be signed with (RFC 7517). */
  publicKeys(): (PublicJwk & { kid: string; alg: string; use: string })[] {
    return this.#keys.map(({ kid, publicJwk: { kty, crv, x, y } }) => ({ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }));
  }

  async #makeKey(manager: EntityManager): Promise<SigningKey> {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const publicJwk = publicKey.export({ format: 'jwk' }) as PublicJwk;
    const kid = await calculateJwkThumbprint(publicJwk);
    const encrypted = encrypt(privateKey.export({ format: 'der', type: 'pkcs8' }), this.derivedKeys.signingKeyEncryption, kid);
    const keys = manager.getRepository(SigningKey);
    return keys.save(keys.create({ kid, publicJwk, privateKey: encrypted }));
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
