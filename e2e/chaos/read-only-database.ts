import { Client } from 'pg';
import type { System } from '../../scripts/system.ts';
import type { Fault } from './prove-faults.ts';

/** PostgreSQL accepts connections and reads, and rejects every write, on open connections too: a standby, or a server whose disk is full. */
export const readOnlyDatabase: Fault = {
  name: 'read-only-database',
  seconds: 5,
  sendsGoOn: false,
  begin: (system) => execute(system, 'alter system set default_transaction_read_only = on'),
  end: (system) => execute(system, 'alter system reset default_transaction_read_only'),
};

async function execute({ addresses }: System, alterSystem: string): Promise<void> {
  const admin = new Client({ connectionString: addresses.databaseUrl });
  await admin.connect();
  try {
    await admin.query(alterSystem);
    await admin.query('select pg_reload_conf()');
  } finally {
    await admin.end();
  }
}
