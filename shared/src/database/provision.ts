import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** The login role of a service, and the schema that it owns. */
export interface ServiceAccount {
  schema: string;
  role: string;
  password: string;
}

/**
 * Creates the database, and the login role and the schema of each service, if they are missing; sets their passwords. Afterwards a role can
 * connect to this database and use its own schema, but neither `public` nor the schema of another service. It can be repeated, and several
 * processes may run it at the same time.
 */
export async function provisionDatabase(parts: { adminUrl: string; database: string; services: ServiceAccount[] }): Promise<void> {
  const { adminUrl, database, services } = parts;
  const server = new Client({ connectionString: adminUrl });
  await server.connect();
  try {
    // Roles belong to the whole server, so the lock is taken in a database that every provisioning uses.
    await server.query(`select pg_advisory_lock(hashtext('provision'))`);
    const found = await server.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await server.query(`create database ${escapeIdentifier(database)} template template0 encoding 'UTF8'`);
    for (const service of services) await provisionRole(server, service);

    const inDatabase = new Client({ connectionString: withDatabase(adminUrl, database) });
    await inDatabase.connect();
    try {
      await inDatabase.query('begin');
      await inDatabase.query(`revoke all on database ${escapeIdentifier(database)} from public`);
      await inDatabase.query('revoke all on schema public from public');
      for (const service of services) await provisionSchema(inDatabase, database, service);
      await inDatabase.query('commit');
    } finally {
      await inDatabase.end();
    }
  } finally {
    await server.end();
  }
}

async function provisionRole(client: Client, { role, password }: ServiceAccount): Promise<void> {
  const name = escapeIdentifier(role);
  const found = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const attributes = `login nosuperuser nocreatedb nocreaterole noinherit password ${escapeLiteral(password)}`;
  await client.query(found.rowCount === 0 ? `create role ${name} ${attributes}` : `alter role ${name} ${attributes}`);
  // The administrator of a managed server is not a superuser, and must be a member of a role to give it a schema.
  const me = await client.query<{ rolsuper: boolean }>('select rolsuper from pg_roles where rolname = current_user');
  if (!me.rows[0]?.rolsuper) await client.query(`grant ${name} to current_user`);
}

async function provisionSchema(client: Client, database: string, { schema, role }: ServiceAccount): Promise<void> {
  const name = escapeIdentifier(schema);
  const owner = escapeIdentifier(role);
  await client.query(`grant connect on database ${escapeIdentifier(database)} to ${owner}`);
  await client.query(`create schema if not exists ${name} authorization ${owner}`);
  await client.query(`alter schema ${name} owner to ${owner}`);
  await client.query(`revoke all on schema ${name} from public`);
  await client.query(`alter role ${owner} in database ${escapeIdentifier(database)} set search_path = ${name}`);
}

/** The same URL with another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}
