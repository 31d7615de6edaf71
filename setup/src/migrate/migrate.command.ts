import { UsageError } from '@chat/shared/cli';
import { describeConfig, loadConfig } from '@chat/shared/config';
import { SetupConfig } from '../config.js';
import { migrateAll } from './migrate-all.js';

const HELP = `migrate: prepares PostgreSQL, Kafka and the Schema Registry for the services, and ends.

It waits for them, creates what is missing of the database, the login roles, the schemas, the topics and the subjects, and brings the tables
of all services up to date. It can be repeated.

Environment, where DB_USERNAME is an administrator of PostgreSQL, and DB_NAME the database to create:
${describeConfig(SetupConfig)
  .map(({ name, description, orFile }) => `  ${name}${orFile ? ` or ${name}_FILE` : ''}: ${description}`)
  .join('\n')}`;

/** `migrate`. */
export async function migrateCommand(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  if (args.includes('help') || args.includes('--help')) return HELP;
  if (args.length > 0) throw new UsageError(`"migrate" has no argument "${args[0]}".\n\n${HELP}`);
  await migrateAll(loadConfig(SetupConfig, env));
  return 'Everything is ready for the services.';
}
