import { Pool } from 'pg';
import { connectionOptions, type ConnectionParts } from './connection-options.js';

/** A pool of plain pg connections, for statements that are too frequent for TypeORM. Call `end()` on it at the end. */
export function createPool(parts: ConnectionParts): Pool {
  const pool = new Pool(connectionOptions(parts));
  // An idle connection that breaks is replaced at the next use; a statement that fails reports it.
  pool.on('error', () => {});
  return pool;
}
