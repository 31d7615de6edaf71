import { runCommandLine } from '@chat/shared/entry';

await runCommandLine('setup', {
  secrets: {
    does: 'creates the secrets that are missing in a folder',
    load: async () => (await import('./secrets/secrets.command.js')).secretsCommand,
  },
  migrate: {
    does: 'prepares PostgreSQL, Kafka and the Schema Registry for the services',
    load: async () => (await import('./migrate/migrate.command.js')).migrateCommand,
  },
});
