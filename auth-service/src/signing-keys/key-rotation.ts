import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
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
  #timer: NodeJS.Timeout | undefined;
  #pass: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: AuthConfig,
    private readonly signingKeys: SigningKeysService,
    @Inject(LOGGER) private readonly logger: Log,
    dataSource: DataSource,
    derivedKeys: DerivedKeys,
  ) {
    this.#store = new SigningKeyStore(dataSource, derivedKeys.signingKeyEncryption);
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#pass = this.#pass
        .then(() => this.update())
        .catch((error: unknown) => this.logger.warn({ error }, 'signing keys could not be updated; retried in 30 s'));
    }, INTERVAL_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#pass;
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
