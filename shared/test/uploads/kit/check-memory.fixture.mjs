// Completes uploads at once, in a process of its own: `node check-memory.fixture.mjs '{ databaseUrl, schema, directory, uploads }'`. Prints the durations
// of the files, and by how many bytes the process grew. Runs what was compiled: translating TypeScript in each worker takes memory, too.
import { generateKeyPairSync } from 'node:crypto';
import { DatabaseConfig, loadConfig } from '../../../dist/config/index.js';
import { createDataSource } from '../../../dist/database/index.js';
import { createMediaStorage, FileUrls } from '../../../dist/media/index.js';
import { UploadCleanup, UploadCompletion, UploadsConfig, UploadSettings } from '../../../dist/uploads/index.js';
import { UploadScans } from '../../../dist/uploads/upload-scans.js';

const { databaseUrl, schema, directory, uploads } = JSON.parse(process.argv[2]);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const config = loadConfig(UploadsConfig, { FILES_DIR: directory });
const dataSource = createDataSource({
  config: DatabaseConfig.fromUrl(databaseUrl),
  schema,
  entities: [],
  migrations: [],
  applicationName: 'check-memory',
});
await dataSource.initialize();
const urls = new FileUrls('http://localhost:3000/files/messages', generateKeyPairSync('ed25519').privateKey);
const storage = await createMediaStorage(config.storage, 'chat', log);
const settings = new UploadSettings({ folder: 'chat', purposes: ['MESSAGE_ATTACHMENT'], config, storage, urls, readWith: 'signed URL' });
const completion = new UploadCompletion(
  settings,
  dataSource,
  new UploadScans(settings, dataSource, log),
  new UploadCleanup(settings, dataSource, log),
  log,
);

const before = process.memoryUsage().rss;
let most = before;
const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 10);
const checked = await Promise.all(uploads.map(({ ownerId, id }) => completion.complete(ownerId, id)));
clearInterval(timer);
await dataSource.destroy();
console.log(JSON.stringify({ durations: checked.map(({ durationSeconds }) => durationSeconds), growth: most - before }));
