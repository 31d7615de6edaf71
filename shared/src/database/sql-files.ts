import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { QueryRunner } from 'typeorm';

const CREATE_TABLE = `
  create table if not exists sql_files (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default now()
  )`;
const STORE_CHECKSUM = `
  insert into sql_files (name, checksum) values ($1, $2)
  on conflict (name) do update set checksum = excluded.checksum, applied_at = now()`;

/**
 * Repeatable migrations: applies each file, in order and in a transaction of its own, unless the database already has its content (by
 * SHA-256; table `sql_files`). A file is known by its name without the folder, and must be applicable to a database with an earlier version
 * of it: `create or replace function`, or `drop function if exists` first. Use it in migrateUnderLock, which holds the lock.
 */
export async function applySqlFiles(runner: QueryRunner, files: URL[]): Promise<void> {
  if (files.length === 0) return;
  await runner.query(CREATE_TABLE);
  const stored = (await runner.query('select name, checksum from sql_files')) as { name: string; checksum: string }[];
  const checksums = new Map(stored.map(({ name, checksum }) => [name, checksum]));
  for (const file of files) {
    const name = path.posix.basename(file.pathname);
    const sql = await readSql(file);
    const checksum = createHash('sha256').update(sql).digest('hex');
    if (checksums.get(name) === checksum) continue;
    await applyFile(runner, { name, sql, checksum });
  }
}

async function applyFile(runner: QueryRunner, { name, sql, checksum }: { name: string; sql: string; checksum: string }): Promise<void> {
  await runner.startTransaction();
  try {
    await runner.query(sql);
    await runner.query(STORE_CHECKSUM, [name, checksum]);
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction();
    throw new Error(`The SQL file ${name} could not be applied`, { cause: error });
  }
}

/** With the line endings of the repository, so that a checkout with CRLF has the same checksum. */
async function readSql(file: URL): Promise<string> {
  return (await readFile(file, 'utf8')).replaceAll('\r\n', '\n');
}
