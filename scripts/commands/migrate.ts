// `npm run migrate`: creates database, roles, schemas, tables, topics and subjects without starting a service. It uses the addresses in the
// environment, and for the rest those of the system that runs here. Services also migrate their own schema when they start.
import path from 'node:path';
import { buildWhenChanged } from '../build.ts';
import { addressesFromEnvironment, type InfraAddresses } from '../infra/addresses.ts';
import { DATA_DIR, ROOT } from '../paths.ts';
import { runningSystem } from '../processes/run-file.ts';
import { UserError, main, progress } from '../progress.ts';
import { databaseUrlOf, provision } from '../provision.ts';
import { loadSecrets } from '../secrets.ts';
import { SERVICES } from '../services.ts';

await main(async () => {
  const addresses = knownAddresses();
  const secrets = loadSecrets(DATA_DIR);
  await buildWhenChanged();
  await provision(addresses, secrets, process.env.KAFKA_TOPIC_PREFIX ?? '');
  progress('database, roles, topics and subjects are ready');
  const { DatabaseConfig } = await import('@chat/shared/config');
  const { migrateUnderLock } = await import('@chat/shared/database');
  for (const { name, schema } of SERVICES) {
    if (!schema) continue;
    const createDataSource = await dataSourceOf(name);
    await migrateUnderLock(createDataSource(DatabaseConfig.fromUrl(databaseUrlOf(schema, addresses.databaseUrl, secrets))));
    progress(`${name}: its schema is up to date`);
  }
});

function knownAddresses(): InfraAddresses {
  const known = { ...runningSystem(DATA_DIR)?.addresses, ...addressesFromEnvironment(process.env) };
  const { databaseUrl, redisUrl = '', kafkaBroker, schemaRegistryUrl } = known;
  if (databaseUrl && kafkaBroker && schemaRegistryUrl) return { databaseUrl, redisUrl, kafkaBroker, schemaRegistryUrl };
  throw new UserError('No system runs here. Start it (npm start), or give DATABASE_URL, KAFKA_BROKER and SCHEMA_REGISTRY_URL.');
}

type CreateDataSource = (config: object) => Parameters<typeof import('@chat/shared/database').migrateUnderLock>[0];

/** Each service's data-source.ts exports one function that creates its data source. */
async function dataSourceOf(service: string): Promise<CreateDataSource> {
  const module = (await import(path.join(ROOT, service, 'dist/data-source.js'))) as Record<string, unknown>;
  const create = Object.values(module).find((exported) => typeof exported === 'function');
  if (!create) throw new Error(`${service}/src/data-source.ts exports no function`);
  return create as CreateDataSource;
}
