// `npm run migrate`: creates database, roles, schemas, tables, topics and subjects without starting a service. It uses the addresses in the
// environment, and for the rest those of the system that runs here. Services also migrate their own schema when they start.
import path from 'node:path';
import { buildWhenChanged } from '../build.ts';
import { addressesFromEnvironment } from '../infra/addresses.ts';
import { DATA_DIR, ROOT } from '../paths.ts';
import { runningSystem } from '../processes/run-file.ts';
import { UserError, main, progress } from '../progress.ts';
import { databaseUrlOf, provision } from '../provision.ts';
import { loadSecrets } from '../secrets.ts';
import { DATABASE_SERVICES } from '../services.ts';

type CreateDataSource = (config: object) => Parameters<typeof import('@chat/shared/database').migrateUnderLock>[0];

await main(async () => {
  const known = { ...runningSystem(DATA_DIR)?.addresses, ...addressesFromEnvironment(process.env) };
  const { databaseUrl, redisUrl = '', kafkaBroker, schemaRegistryUrl } = known;
  if (!databaseUrl || !kafkaBroker || !schemaRegistryUrl)
    throw new UserError('No system runs here. Start it (npm start), or give DATABASE_URL, KAFKA_BROKER and SCHEMA_REGISTRY_URL.');
  const secrets = loadSecrets(DATA_DIR);
  await buildWhenChanged();
  await provision({ databaseUrl, redisUrl, kafkaBroker, schemaRegistryUrl }, secrets, process.env.KAFKA_TOPIC_PREFIX ?? '');
  progress('database, roles, topics and subjects are ready');

  const { DatabaseConfig } = await import('@chat/shared/config');
  const { migrateUnderLock } = await import('@chat/shared/database');
  for (const { name, schema } of DATABASE_SERVICES) {
    // Each service's data-source.ts exports one function that creates its data source.
    const exported = Object.values((await import(path.join(ROOT, name, 'dist/data-source.js'))) as Record<string, unknown>);
    const createDataSource = exported.find((one) => typeof one === 'function') as CreateDataSource;
    await migrateUnderLock(createDataSource(DatabaseConfig.fromUrl(databaseUrlOf(schema, databaseUrl, secrets))));
    progress(`${name}: its schema is up to date`);
  }
});
