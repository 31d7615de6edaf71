import { DATA_DIR } from './paths.ts';
import type { Run } from './processes/run-file.ts';
import { UserError } from './progress.ts';
import { databaseUrlOf } from './provision.ts';
import { loadSecrets } from './secrets.ts';

/** What the command lines of auth-service need: nothing more if the environment names a database, else that of the local system. */
export function localAuthEnvironment(run: Run | null): NodeJS.ProcessEnv {
  if (process.env.DATABASE_URL || process.env.DB_USERNAME) return {};
  const databaseUrl = run?.addresses.databaseUrl;
  if (!databaseUrl)
    throw new UserError('No local system is running. Start it (npm start), or set DATABASE_URL and AUTH_SECRET of auth-service.');
  const secrets = loadSecrets(DATA_DIR);
  return { DATABASE_URL: databaseUrlOf('auth', databaseUrl, secrets), AUTH_SECRET: secrets.authSecret };
}
