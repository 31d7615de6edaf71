import { Client } from 'pg';
import {
  connectStatement,
  type DatabaseState,
  databaseStatements,
  MissingRightsError,
  type ProvisionParts,
  type SchemaState,
  type ServiceAccount,
  serverStatements,
  type Statement,
  withDatabase,
} from './provision-statements.js';

export { MissingRightsError, type ProvisionParts, type ServiceAccount, withDatabase };

const MISSING_RIGHTS = '42501';
const NO_SUCH_DATABASE = '3D000';

/**
 * Creates the database, and the login role and the schema of each service, if they are missing; sets their passwords. Afterwards a role can
 * connect to this database and use its own schema, but neither `public` nor the schema of another service. It can be repeated, and several
 * processes may run it at the same time.
 *
 * The user of `adminUrl` needs rights for what is missing only; MissingRightsError has the statements for an administrator. Returns the
 * statements without effect: services do without them, but the database is not closed to other roles.
 */
export async function provisionDatabase(parts: ProvisionParts): Promise<string[]> {
  const server = await connectToServer(parts);
  try {
    // Roles belong to the whole server, so the lock is taken in a database that every provisioning uses.
    await server.query(`select pg_advisory_lock(hashtext('provision'))`);
    await run(server, await serverStatements(server, parts), databaseStatements(null, parts));
    const client = await connectToDatabase(parts);
    try {
      await run(client, databaseStatements(await stateOf(client, parts.services), parts));
      return databaseStatements(await stateOf(client, parts.services), parts).map(({ shown }) => shown);
    } finally {
      await client.end();
    }
  } finally {
    await server.end();
  }
}

/** To `postgres`, which every server has unless its provider removed or closed it. */
async function connectToServer({ adminUrl, database }: ProvisionParts): Promise<Client> {
  try {
    return await connect(withDatabase(adminUrl, 'postgres'));
  } catch (error) {
    if (![MISSING_RIGHTS, NO_SUCH_DATABASE].includes((error as { code?: string }).code ?? '')) throw error;
    return await connect(withDatabase(adminUrl, database));
  }
}

async function connectToDatabase({ adminUrl, database }: ProvisionParts): Promise<Client> {
  return await connect(withDatabase(adminUrl, database)).catch((error: Error & { code?: string }) => {
    if (error.code !== MISSING_RIGHTS) throw error;
    throw new MissingRightsError([connectStatement(adminUrl, database)], error);
  });
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}

/** `later`: what remains to do after these statements. */
async function run(client: Client, statements: Statement[], later: Statement[] = []): Promise<void> {
  for (const [index, { sql, isOptional }] of statements.entries()) {
    await client.query(sql).catch((error: Error & { code?: string }) => {
      if (error.code !== MISSING_RIGHTS) throw error;
      const missing = [...statements.slice(index), ...later].map(({ shown }) => shown);
      if (!isOptional) throw new MissingRightsError(missing, error);
    });
  }
}

const STATE = `
  select (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser",
    has_database_privilege('public', current_database(), 'connect') or has_database_privilege('public', current_database(), 'temp') as "isOpen",
    exists (
      select from pg_namespace
      where nspname = 'public' and (has_schema_privilege('public', oid, 'usage') or has_schema_privilege('public', oid, 'create'))
    ) as "isPublicOpen"`;
const SCHEMA_STATE = `
  select namespace.oid is not null as exists, coalesce(nspowner = role.oid, false) as "isOwner",
    coalesce(has_schema_privilege('public', namespace.oid, 'usage') or has_schema_privilege('public', namespace.oid, 'create'), false) as "isOpen",
    has_database_privilege(rolname, current_database(), 'connect') as "canConnect",
    exists (
      select from pg_db_role_setting
      where setrole = role.oid and setdatabase = (select oid from pg_database where datname = current_database())
        and 'search_path=' || quote_ident($1) = any (setconfig)
    ) as "hasSearchPath",
    pg_has_role(role.oid, case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end) as "isMember"
  from pg_roles role left join pg_namespace namespace on nspname = $1
  where rolname = $2`;

async function stateOf(client: Client, services: ServiceAccount[]): Promise<DatabaseState> {
  const [database] = (await client.query<Omit<DatabaseState, 'services'>>(STATE)).rows;
  const states: DatabaseState['services'] = {};
  for (const { schema, role } of services) {
    const [state] = (await client.query<SchemaState>(SCHEMA_STATE, [schema, role])).rows;
    if (state) states[schema] = state;
  }
  return { ...database!, services: states };
}
