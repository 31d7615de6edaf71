// `npm run keys -- help`, `npm run sessions -- help`, `npm run dead-letters -- help`, `npm run internal-keys`, `npm run migrate`: runs a command
// line of the product, by default on the system that runs here. Variables of the environment take precedence.
import path from 'node:path';
import { buildWhenChanged } from '../build.ts';
import { addressesFromEnvironment } from '../infra/addresses.ts';
import { DATA_DIR, ROOT } from '../paths.ts';
import { runningSystem, type Run } from '../processes/run-file.ts';
import { UserError, main } from '../progress.ts';
import { databaseUrlOf, setupEnvironment } from '../provision.ts';
import { loadSecrets } from '../secrets.ts';
import type { ServiceName } from '../services.ts';

/** The folders of the programs that have the commands, and the variables with which they use the local system. */
const COMMANDS: Record<string, { folder: ServiceName | 'setup'; environmentOf: (run: Run | null) => NodeJS.ProcessEnv }> = {
  keys: { folder: 'auth-service', environmentOf: authEnvironment },
  sessions: { folder: 'auth-service', environmentOf: authEnvironment },
  'internal-keys': { folder: 'api-gateway', environmentOf: () => ({}) },
  migrate: { folder: 'setup', environmentOf: migrateEnvironment },
  'dead-letters': { folder: 'notification-service', environmentOf: kafkaEnvironment },
};

function authEnvironment(run: Run | null): NodeJS.ProcessEnv {
  const { DATABASE_URL, DATABASE_URL_FILE, DB_USERNAME } = process.env;
  if (DATABASE_URL || DATABASE_URL_FILE || DB_USERNAME) return {};
  const databaseUrl = run?.addresses.databaseUrl;
  if (!databaseUrl)
    throw new UserError('No local system is running. Start it (npm start), or set DATABASE_URL and AUTH_SECRET of auth-service.');
  const secrets = loadSecrets(DATA_DIR);
  return { DATABASE_URL: databaseUrlOf('auth', databaseUrl, secrets), AUTH_SECRET: secrets.authSecret };
}

function kafkaEnvironment(run: Run | null): NodeJS.ProcessEnv {
  return run ? { KAFKA_BROKER: run.addresses.kafkaBroker, SCHEMA_REGISTRY_URL: run.addresses.schemaRegistryUrl } : {};
}

/** Database, roles, schemas, tables, topics and subjects, without starting a service. */
function migrateEnvironment(run: Run | null): NodeJS.ProcessEnv {
  const { databaseUrl, kafkaBroker, schemaRegistryUrl } = { ...run?.addresses, ...addressesFromEnvironment(process.env) };
  if (!databaseUrl || !kafkaBroker || !schemaRegistryUrl)
    throw new UserError('No system runs here. Start it (npm start), or give DATABASE_URL, KAFKA_BROKER and SCHEMA_REGISTRY_URL.');
  return setupEnvironment({ databaseUrl, kafkaBroker, schemaRegistryUrl }, loadSecrets(DATA_DIR), process.env.KAFKA_TOPIC_PREFIX ?? '');
}

await main(async () => {
  const [name = '', first = name === 'migrate' ? '' : 'help'] = process.argv.slice(2);
  const command = COMMANDS[name];
  if (!command) throw new UserError(`There is no command "${name}". The commands are ${Object.keys(COMMANDS).join(', ')}.`);
  const isHelp = first === 'help' || process.argv.includes('--help');
  if (!isHelp) {
    const local = Object.entries(command.environmentOf(runningSystem(DATA_DIR)));
    for (const [name, value] of local) if (!process.env[`${name}_FILE`]) process.env[name] ??= value;
  }
  await buildWhenChanged();
  await import(path.join(ROOT, command.folder, 'dist/main.js'));
});
