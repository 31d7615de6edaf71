import { migrateSchema } from '@chat/shared/cli';
import type { SetupConfig } from '../config.js';
import { provision } from '../provision/provision.js';
import { configAs, schemasOf } from '../schemas.js';
import { waitForServers } from './wait-for-servers.js';

/** The whole preparation: waits for the servers, provisions them, migrates every schema. Prints what it does; rejects with a UsageError. */
export async function migrateAll(config: SetupConfig): Promise<void> {
  await waitForServers(config);
  const open = await provision(config);
  if (open.length > 0)
    console.log(`The database is not closed to other roles. Its owner can do that:\n${open.map((sql) => `  ${sql};`).join('\n')}`);
  console.log('database, roles, topics and subjects are ready');
  for (const { service, account, createDataSource } of schemasOf(config)) {
    await migrateSchema(createDataSource(configAs(account, config.database)), config.timeoutSeconds);
    console.log(`${service}: its schema is up to date`);
  }
}
