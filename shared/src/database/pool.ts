import { Pool } from 'pg';
import { connectionOptions, type ConnectionParts } from './connection-options.js';

/** A pool of plain pg connections, for statements that are too hot for TypeORM. The caller ends it. */
export function createPool(parts: ConnectionParts): Pool {
  const pool = new Pool(connectionOptions(parts));
  // An idle connection that breaks is replaced at the next use; the use that fails reports it.
  pool.on('error', () => {});
  return pool;
}
