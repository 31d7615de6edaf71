import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Counter, register } from 'prom-client';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { backoffMs, TimeoutError } from '../async/index.js';
import { AppError } from '../errors/index.js';
import { clamdAddress, ClamdScanner, storageKey, type StoredFile } from '../media/index.js';
import { type Log, LOGGER } from '../observability/index.js';
import { queueDeletions } from './upload-removal.js';
import type { Upload } from './upload.js';
import { UploadSettings } from './upload-settings.js';
import { infectedFile } from './uploads.errors.js';

const BACKOFF = { firstMs: 200, maxMs: 2000 };

const scans =
  (register.getSingleMetric('file_scans_total') as Counter<'result'> | undefined) ??
  new Counter({ name: 'file_scans_total', help: 'Uploads that were scanned for malware: clean, infected, failed', labelNames: ['result'] });

/** What of an upload is to be scanned. */
export interface ScannedContent {
  /** The content from its beginning; called again for a retry. */
  open(): Promise<Readable>;
  /** Keeps this content under another key; no file of the upload may stay readable. */
  keepAs(file: StoredFile): Promise<void>;
}

/**
 * Scans uploads for malware before they can be used, if FILES_SCAN_ADDRESS is set. A scanner that gives no verdict makes the upload fail with UNAVAILABLE: it
 * may be completed later. A file with malware is kept under a key of its own, to which no URL leads, until it is deleted after FILES_KEEP_QUARANTINED.
 */
@Injectable()
export class UploadScans implements OnApplicationBootstrap {
  readonly #scanner: ClamdScanner | null;

  constructor(
    @Inject(UploadSettings) private readonly settings: UploadSettings,
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(LOGGER) private readonly logger: Log,
  ) {
    const { address } = settings.config.scan;
    this.#scanner = address === undefined ? null : new ClamdScanner(clamdAddress(address)!);
  }

  onApplicationBootstrap(): void {
    const { address } = this.settings.config.scan;
    this.logger.info(
      { address: address ?? null },
      address === undefined ? 'uploads are not scanned for malware' : 'uploads are scanned for malware',
    );
  }

  /** Rejects with `file/infected` (BAD_USER_INPUT) for a file with malware, which is in quarantine then, and with UNAVAILABLE without a verdict. */
  async check(upload: Upload, content: ScannedContent): Promise<void> {
    if (!this.#scanner) return;
    let found: string | null;
    try {
      found = await this.#scan(this.#scanner, content);
    } catch (error) {
      scans.inc({ result: 'failed' });
      this.logger.warn({ error, uploadId: upload.id }, 'an upload could not be scanned for malware');
      throw error;
    }
    scans.inc({ result: found === null ? 'clean' : 'infected' });
    if (found === null) return;
    await this.#quarantine(upload, content, found);
    throw infectedFile();
  }

  /** A connection that fails is made again while there is time. */
  async #scan(scanner: ClamdScanner, content: ScannedContent): Promise<string | null> {
    const timeoutMs = this.settings.config.scan.timeoutSeconds * 1000;
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(new TimeoutError(timeoutMs)), timeoutMs);
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          return await scanner.scan(await content.open(), deadline.signal);
        } catch (error) {
          const isScanner = error instanceof AppError && error.code === 'file-scan/unavailable';
          if (!isScanner || deadline.signal.aborted || attempt === 2) throw error;
          await sleep(backoffMs(attempt, BACKOFF));
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Its deletion is queued first, so that no crash leaves it for ever. */
  async #quarantine({ id: uploadId, ownerId, kind, fileName }: Upload, content: ScannedContent, found: string): Promise<void> {
    const file = { key: storageKey(this.settings.folder, ownerId, uploadId, 'quarantine'), kind };
    const dueAt = new Date(Date.now() + this.settings.config.scan.keepQuarantinedSeconds * 1000);
    this.logger.warn(
      { uploadId, ownerId, kind, fileName, found, key: file.key, deletedAt: dueAt },
      'an upload contains malware and is in quarantine',
    );
    try {
      await queueDeletions(this.dataSource, [{ ...file, dueAt }]);
      await content.keepAs(file);
    } catch (error) {
      // It is deleted with the other files of the upload then.
      this.logger.warn({ error, uploadId }, 'an upload with malware could not be kept in quarantine');
    }
  }
}
