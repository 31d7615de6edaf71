import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CLOUDINARY_ACCOUNT, FakeCloudinary } from '@chat/testkit/fake-cloudinary';
import { FakeS3, S3_BUCKET, S3_CREDENTIALS } from '@chat/testkit/fake-s3';
import type { HttpFaults } from '@chat/testkit/http-faults';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../../src/observability/index.js';
import { loadConfig } from '../../../src/config/index.js';
import { createMediaStorage, type MediaStorage, MediaStorageConfig } from '../../../src/media/index.js';

/** A storage under test, and what it really contains. */
export interface StorageUnderTest {
  storage: MediaStorage;
  /** The number of files, unfinished ones included. */
  countFiles(): Promise<number>;
  /** The faults of the server behind it. */
  faults?: HttpFaults;
  close(): Promise<void>;
}

const create = (env: Record<string, string>) => createMediaStorage(loadConfig(MediaStorageConfig, env), 'test', silentLog);

export const STORAGES: Record<MediaStorage['name'], () => Promise<StorageUnderTest>> = {
  async disk() {
    const directory = await mkdtemp(join(tmpdir(), 'chat-files-'));
    const storage = await create({ FILES_DIR: directory });
    await storage.prepare();
    const countFiles = async () =>
      (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;
    return { storage, countFiles, close: () => rm(directory, { recursive: true }) };
  },

  async s3() {
    const endpoint = process.env.TEST_S3_ENDPOINT;
    if (endpoint) return realS3(endpoint);
    const server = await FakeS3.start();
    const storage = await create({
      S3_BUCKET,
      S3_ENDPOINT: server.url,
      S3_ACCESS_KEY_ID: S3_CREDENTIALS.accessKeyId,
      S3_SECRET_ACCESS_KEY: S3_CREDENTIALS.secretAccessKey,
    });
    return { storage, countFiles: async () => server.files.size, faults: server.faults, close: () => closeBoth(storage, server) };
  },

  async cloudinary() {
    const server = await FakeCloudinary.start();
    const storage = await create({
      CLOUDINARY_CLOUD_NAME: CLOUDINARY_ACCOUNT.cloudName,
      CLOUDINARY_API_KEY: CLOUDINARY_ACCOUNT.apiKey,
      CLOUDINARY_API_SECRET: CLOUDINARY_ACCOUNT.apiSecret,
      CLOUDINARY_UPLOAD_PREFIX: server.url,
      CLOUDINARY_DELIVERY_URL: server.url,
    });
    return { storage, countFiles: async () => server.files.size, faults: server.faults, close: () => closeBoth(storage, server) };
  },
};

/** A server of the protocol, with an empty bucket `test` and the credentials of the environment. */
async function realS3(endpoint: string): Promise<StorageUnderTest> {
  const { TEST_S3_ACCESS_KEY_ID: accessKeyId = '', TEST_S3_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env;
  const bucket = { S3_BUCKET: 'test', S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey };
  const storage = await create(bucket);
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  const countFiles = async () => (await client.send(new ListObjectsV2Command({ Bucket: 'test' }))).KeyCount ?? 0;
  return { storage, countFiles, close: async () => (client.destroy(), await storage.close()) };
}

async function closeBoth(storage: MediaStorage, server: { close(): Promise<void> }): Promise<void> {
  await storage.close();
  await server.close();
}
