import { createDeletedUsersTable } from '../../../src/consumer/index.js';
import { loadConfig, type DatabaseConfig } from '../../../src/config/index.js';
import type { CreateUploadRequest, MediaAsset } from '../../../src/contracts/index.js';
import { createDataSource } from '../../../src/database/index.js';
import { createMediaStorage, FileUrls, type MediaStorage } from '../../../src/media/index.js';
import { silentLog } from '../../../src/observability/index.js';
import { createTestDatabase } from '../../../src/testing/index.js';
import {
  addUploadWaveforms,
  Assets,
  createUploadTables,
  FileDelivery,
  UploadCleanup,
  UploadCompletion,
  UploadReceiver,
} from '../../../src/uploads/index.js';
import { type Upload, UploadsConfig, UploadSettings, UploadTickets } from '../../../src/uploads/index.js';
import { Transfers } from '../../../src/uploads/transfers.js';
import { UploadScans } from '../../../src/uploads/upload-scans.js';
import { findUpload } from '../../../src/uploads/upload-store.js';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { DataSource } from 'typeorm';

const SCHEMA = 'uploading';

/** A file that a user sends. */
export type SentFile = Pick<CreateUploadRequest, 'kind' | 'fileName' | 'mimeType'> & { content: Buffer };

/** The uploads of a service for attachments of messages, with files on disk, without HTTP. */
export class TestUploads {
  readonly schema = SCHEMA;
  readonly tickets: UploadTickets;
  readonly receiver: UploadReceiver;
  readonly completion: UploadCompletion;
  readonly delivery: FileDelivery;
  readonly assets: Assets;
  readonly cleanup: UploadCleanup;

  private constructor(
    readonly dataSource: DataSource,
    readonly settings: UploadSettings,
    readonly directory: string,
    readonly databaseUrl: string,
    private readonly dropDatabase: () => Promise<void>,
  ) {
    const transfers = new Transfers(settings);
    this.cleanup = new UploadCleanup(settings, dataSource, silentLog);
    this.tickets = new UploadTickets(settings, dataSource);
    this.receiver = new UploadReceiver(settings, dataSource, this.cleanup, transfers);
    this.completion = this.completionOfAnotherProcess();
    this.delivery = new FileDelivery(settings, dataSource);
    this.assets = new Assets(settings);
  }

  static async start(env: Record<string, string> = {}, wrap = (storage: MediaStorage) => storage): Promise<TestUploads> {
    const database = await createTestDatabase({ schema: SCHEMA, role: 'uploading_service', migrate });
    const dataSource = await connect(database.config);
    const directory = await mkdtemp(path.join(tmpdir(), 'chat-uploads-'));
    const config = loadConfig(UploadsConfig, { FILES_DIR: directory, ...env });
    const storage = wrap(await createMediaStorage(config.storage, 'chat', silentLog));
    const urls = new FileUrls('http://localhost:3000/files/messages', generateKeyPairSync('ed25519').privateKey);
    const settings = new UploadSettings({
      folder: 'chat',
      purposes: ['MESSAGE_ATTACHMENT', 'GROUP_PICTURE'],
      config,
      storage,
      urls,
      readWith: 'signed URL',
    });
    const uploads = new TestUploads(dataSource, settings, directory, database.config.url!, database.drop);
    await uploads.cleanup.onModuleInit();
    uploads.cleanup.onApplicationBootstrap();
    return uploads;
  }

  async stop(): Promise<void> {
    await this.cleanup.beforeApplicationShutdown();
    await this.cleanup.onApplicationShutdown();
    await this.dataSource.destroy();
    await this.dropDatabase();
    await rm(this.directory, { recursive: true });
  }

  /** Has a queue of its own. */
  completionOfAnotherProcess(): UploadCompletion {
    const scans = new UploadScans(this.settings, this.dataSource, silentLog);
    return new UploadCompletion(this.settings, this.dataSource, scans, this.cleanup, silentLog);
  }

  /** Steps 1 and 2: a ticket, and the bytes. */
  async send({ content, ...stated }: SentFile, ownerId: string = randomUUID()): Promise<Upload> {
    const upload = await this.begin({ ...stated, sizeBytes: content.length }, ownerId);
    await this.receiver.store(upload, Readable.from([content]), AbortSignal.timeout(60_000));
    return upload;
  }

  /** Step 1. */
  async begin(stated: Omit<CreateUploadRequest, 'purpose'>, ownerId: string = randomUUID()): Promise<Upload> {
    const { uploadId } = await this.tickets.create(ownerId, { purpose: 'MESSAGE_ATTACHMENT', ...stated });
    return (await findUpload(this.dataSource, uploadId))!;
  }

  /** All three steps. */
  async upload(file: SentFile): Promise<MediaAsset> {
    const { ownerId, id } = await this.send(file);
    return this.assets.describe(await this.completion.complete(ownerId, id));
  }

  /** The code of the error with which the file is refused in step 3. */
  async refusal(file: SentFile): Promise<string> {
    const { ownerId, id } = await this.send(file);
    return this.completion.complete(ownerId, id).then(
      () => 'accepted',
      (error: { code?: string }) => error.code ?? String(error),
    );
  }

  /** What a client reads. */
  async read(fileId: string): Promise<{ headers: Record<string, string>; content: Buffer }> {
    const upload = await findUpload(this.dataSource, fileId);
    const { headers, body } = await this.delivery.deliver(upload, 'original', { headOnly: false }, 60);
    return { headers, content: await buffer(body!) };
  }

  /** The files of a user in the storage. */
  async filesOf(ownerId: string): Promise<string[]> {
    const entries = await readdir(this.directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && entry.parentPath.includes(ownerId)).map((entry) => entry.name);
  }
}

function connect(config: DatabaseConfig): Promise<DataSource> {
  return createDataSource({ config, schema: SCHEMA, entities: [], migrations: [], applicationName: 'uploading-test' }).initialize();
}

async function migrate(config: DatabaseConfig): Promise<void> {
  const dataSource = await connect(config);
  await createDeletedUsersTable(dataSource);
  await createUploadTables(dataSource);
  await addUploadWaveforms(dataSource);
  await dataSource.destroy();
}
