import path from 'node:path';
import { DATA_DIR, ROOT } from './paths.ts';
import { runningSystem } from './processes/run-file.ts';
import { UserError } from './progress.ts';
import { databaseUrlOf } from './provision.ts';
import { loadSecrets } from './secrets.ts';

/**
 * Runs a command of auth-service, `auth-service/dist/cli/<name>.js`, with the arguments of this process. It works on the database of the
 * environment, else on that of the local system.
 */
export async function runAuthCommand(name: 'keys' | 'sessions'): Promise<void> {
  const [first = 'help'] = process.argv.slice(2);
  const isHelp = first === 'help' || process.argv.includes('--help');
  if (!isHelp && !process.env.DATABASE_URL && !process.env.DB_USERNAME) Object.assign(process.env, localEnvironment());
  await import(path.join(ROOT, 'auth-service/dist/cli', `${name}.js`));
}

function localEnvironment(): Record<string, string> {
  const addresses = runningSystem(DATA_DIR)?.addresses;
  if (!addresses?.databaseUrl)
    throw new UserError('No local system is running. Start it (npm start), or set DATABASE_URL and AUTH_SECRET of auth-service.');
  const secrets = loadSecrets(DATA_DIR);
  const { databaseUrl, redisUrl = '', kafkaBroker = '', schemaRegistryUrl = '' } = addresses;
  return {
    DATABASE_URL: databaseUrlOf('auth', { databaseUrl, redisUrl, kafkaBroker, schemaRegistryUrl }, secrets),
    AUTH_SECRET: secrets.authSecret,
  };
}
