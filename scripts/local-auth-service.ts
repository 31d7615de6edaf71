/** For commands that work on auth-service's database: where it is, and the service's own code. */
import path from 'node:path';
import { DATA_DIR, ROOT } from './paths.ts';
import { runningSystem } from './processes/run-file.ts';
import { UserError } from './progress.ts';
import { databaseUrlOf } from './provision.ts';
import { loadSecrets } from './secrets.ts';

/** Of the environment, else of the system that runs here. */
export function authDatabaseUrl(): string {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL;
  const addresses = runningSystem(DATA_DIR)?.addresses;
  if (!addresses?.databaseUrl) throw new UserError("Nothing runs here. Start the system (npm start), or give auth-service's DATABASE_URL.");
  const { databaseUrl, redisUrl = '', kafkaBroker = '', schemaRegistryUrl = '' } = addresses;
  return databaseUrlOf('auth', { databaseUrl, redisUrl, kafkaBroker, schemaRegistryUrl }, loadSecrets(DATA_DIR));
}

/** A compiled module of auth-service. */
export function authModule<T>(module: string): Promise<T> {
  return import(path.join(ROOT, 'auth-service/dist', `${module}.js`)) as Promise<T>;
}
