import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PollingWorker } from '@chat/shared/async';
import { LOGGER, type Log } from '@chat/shared/observability';
import { DataSource } from 'typeorm';
import { AuthConfig } from '../config.js';
import { DerivedKeys } from '../secrets/derived-keys.js';
import { SigningKeyStore } from './signing-key-store.js';
import { SigningKeysService } from './signing-keys.service.js';

const INTERVAL_MS = 30_000;
const DAY_MS = 86_400_000;

/**
 * Rotates the keys by their age, and reloads the keys every 30 s, so that every instance uses rotations by other instances and by
 * operators.
 */
@Injectable()
export class KeyRotation implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #store: SigningKeyStore;
  readonly #worker: PollingWorker;

  constructor(
    private readonly config: AuthConfig,
    private readonly signingKeys: SigningKeysService,
    @Inject(LOGGER) private readonly logger: Log,
    dataSource: DataSource,
    derivedKeys: DerivedKeys,
  ) {
    this.#store = new SigningKeyStore(dataSource, derivedKeys.signingKeyEncryption);
    this.#worker = new PollingWorker({
      round: () => this.update().then(() => INTERVAL_MS),
      backoff: { firstMs: INTERVAL_MS, maxMs: INTERVAL_MS },
      onError: (error) => logger.warn({ error }, 'signing keys could not be updated; retried in 30 s'),
    });
  }

  onApplicationBootstrap(): void {
    this.#worker.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
  }

  async update(): Promise<void> {
    const { keyRotationDays, accessTokenSeconds } = this.config;
    const before = this.#kids();
    await this.#store.rotateIfDue({
      maxAgeMs: keyRotationDays === 0 ? null : keyRotationDays * DAY_MS,
      tokenLifetimeMs: accessTokenSeconds * 1000,
    });
    await this.signingKeys.reload();
    if (this.#kids() !== before) this.logger.info({ kids: this.#kids() }, 'signing keys changed');
  }

  #kids(): string {
    return this.signingKeys
      .publicKeys()
      .map(({ kid }) => kid)
      .join(' ');
  }
}
