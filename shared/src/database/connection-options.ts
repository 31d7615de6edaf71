import type { PoolConfig } from 'pg';
import type { DatabaseConfig } from '../config/index.js';
import { columnTypes } from './column-types.js';
import { PreparedStatementClient } from './prepared-statements.js';

/** Where a pool connects, and as what. */
export interface ConnectionParts {
  config: DatabaseConfig;
  schema?: string;
  applicationName: string;
  /** The largest number of connections; by default the pool size of the config. */
  max?: number;
  /** Further settings of the session, such as `{ plan_cache_mode: 'force_generic_plan' }`. */
  settings?: Record<string, string>;
}

const CONNECT_TIMEOUT_MS = 2000;
const STATEMENT_TIMEOUT_MS = 5000;

/** Options of pg for one pool of a service: 2 s to connect, 5 s for a statement, 15 s idle in a transaction. */
export function connectionOptions({ config, schema, applicationName, max, settings = {} }: ConnectionParts): PoolConfig {
  const session = {
    ...(schema === undefined ? {} : { search_path: schema }),
    statement_timeout: String(STATEMENT_TIMEOUT_MS),
    idle_in_transaction_session_timeout: '15000',
    ...settings,
  };
  return {
    host: config.host,
    port: config.port,
    user: config.username,
    password: config.password,
    database: config.name,
    ssl: config.ssl,
    max: max ?? config.poolSize,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // The limit of the server comes first; this one is for a server that does not answer at all.
    query_timeout: Math.max(Number(session.statement_timeout) * 2, STATEMENT_TIMEOUT_MS * 2) || undefined,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    types: columnTypes,
    Client: PreparedStatementClient,
    options: Object.entries(session)
      .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`)
      .join(' '),
  };
}
