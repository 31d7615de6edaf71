import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { scramVerifier } from './scram-verifier.js';

/** The login role of a service, and the schema that it owns. */
export interface ServiceAccount {
  schema: string;
  role: string;
  password: string;
}

/** What to create, and as which user. */
export interface ProvisionParts {
  /** A URL of the server with a user that may create what is missing; its database does not matter. */
  adminUrl: string;
  database: string;
  services: ServiceAccount[];
}

/** A statement that creates or closes something. */
export interface Statement {
  sql: string;
  /** For operators: without passwords. */
  shown: string;
  /** The services work without it. */
  isOptional: boolean;
}

/** What exists in the database. */
export interface DatabaseState {
  isSuperuser: boolean;
  /** Every role may connect to the database; may use the schema `public`. */
  isOpen: boolean;
  isPublicOpen: boolean;
  /** By schema. */
  services: Record<string, SchemaState>;
}

/** `isMember`: the administrator may give something to the role. */
export interface SchemaState {
  exists: boolean;
  isOwner: boolean;
  isOpen: boolean;
  canConnect: boolean;
  hasSearchPath: boolean;
  isMember: boolean;
}

/** The user may not create something that is missing. */
export class MissingRightsError extends Error {
  override readonly name = 'MissingRightsError';

  /** `statements`: what an administrator has to run, without passwords. */
  constructor(
    readonly statements: string[],
    cause: Error,
  ) {
    super(cause.message, { cause });
  }
}

const statement = (sql: string, shown = sql, isOptional = false): Statement => ({ sql, shown, isOptional });
const optional = (sql: string): Statement => statement(sql, sql, true);

/** Creates the database and the roles, as far as they are missing. */
export async function serverStatements(server: Client, { adminUrl, database, services }: ProvisionParts): Promise<Statement[]> {
  const statements: Statement[] = [];
  const found = await server.query('select 1 from pg_database where datname = $1', [database]);
  if (found.rowCount === 0) statements.push(statement(`create database ${escapeIdentifier(database)} template template0 encoding 'UTF8'`));
  const [me] = (await server.query<{ rolsuper: boolean }>('select rolsuper from pg_roles where rolname = current_user')).rows;
  for (const service of services) {
    const exists = ((await server.query('select 1 from pg_roles where rolname = $1', [service.role])).rowCount ?? 0) > 0;
    // Only a superuser may repeat the other attributes, and a role that an administrator has created needs no change.
    if (exists && !me?.rolsuper && (await canLogIn(adminUrl, database, service))) continue;
    const attributes = !exists || me?.rolsuper ? 'login nosuperuser nocreatedb nocreaterole noinherit' : 'login';
    const text = (password: string) =>
      `${exists ? 'alter' : 'create'} role ${escapeIdentifier(service.role)} ${attributes} password ${password}`;
    const verifier = scramVerifier(service.password) ?? service.password;
    statements.push(statement(text(escapeLiteral(verifier)), text(`'<password of ${service.role}>'`)));
  }
  return statements;
}

/** Whether the role has this password already. */
async function canLogIn(adminUrl: string, database: string, { role, password }: ServiceAccount): Promise<boolean> {
  const url = new URL(withDatabase(adminUrl, database));
  url.username = encodeURIComponent(role);
  url.password = encodeURIComponent(password);
  const client = new Client({ connectionString: url.href });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    // Other refusals, such as that of the database, come after the check of the password.
    return ['42501', '3D000'].includes((error as { code?: string }).code ?? '');
  } finally {
    await client.end().catch(() => {});
  }
}

/** Creates the schemas and closes the database, as far as it is not so already. `null`: the database does not exist yet. */
export function databaseStatements(state: DatabaseState | null, { adminUrl, database, services }: ProvisionParts): Statement[] {
  const admin = escapeIdentifier(decodeURIComponent(new URL(adminUrl).username));
  const name = escapeIdentifier(database);
  const statements: Statement[] = [];
  if (state?.isOpen ?? true) statements.push(optional(`revoke all on database ${name} from public`));
  if (!state?.isSuperuser && (state?.isOpen ?? true)) statements.push(optional(connectStatement(adminUrl, database)));
  if (state?.isPublicOpen ?? true) statements.push(optional('revoke all on schema public from public'));
  for (const service of services) {
    const [schema, role] = [escapeIdentifier(service.schema), escapeIdentifier(service.role)];
    const found = state?.services[service.schema];
    if (!found?.isOwner) {
      // Only a member of a role can give it a schema, except for a superuser.
      if (!state?.isSuperuser && !found?.isMember) statements.push(statement(`grant ${role} to ${admin}`));
      statements.push(
        statement(found?.exists ? `alter schema ${schema} owner to ${role}` : `create schema ${schema} authorization ${role}`),
      );
    }
    if (found?.isOpen) statements.push(optional(`revoke all on schema ${schema} from public`));
    if (!found?.canConnect || state?.isOpen) statements.push(optional(`grant connect on database ${name} to ${role}`));
    if (!found?.hasSearchPath) statements.push(optional(`alter role ${role} in database ${name} set search_path = ${schema}`));
  }
  return statements;
}

/** Allows the administrator to use a database that belongs to another role. */
export function connectStatement(adminUrl: string, database: string): string {
  return `grant connect on database ${escapeIdentifier(database)} to ${escapeIdentifier(decodeURIComponent(new URL(adminUrl).username))}`;
}

/** The same URL with another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}
