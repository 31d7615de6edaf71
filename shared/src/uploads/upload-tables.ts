import type { SqlRunner } from '../database/index.js';

/** Creates the tables of uploads; call it in a migration of the service. */
export async function createUploadTables(runner: SqlRunner): Promise<void> {
  // state: `open`, the ticket was given out; `ready`, the file was checked; `attached`, it is used. reserved_bytes: what the quota counts.
  await runner.query(`
    create table uploads (
      id uuid primary key,
      owner_id uuid not null,
      purpose text not null,
      kind text not null,
      file_name text not null,
      mime_type text not null,
      size_bytes bigint not null,
      reserved_bytes bigint not null,
      state text not null default 'open' check (state in ('open', 'ready', 'attached')),
      created_at timestamptz(3) not null,
      expires_at timestamptz(3) not null,
      checking_until timestamptz(3),
      completed_at timestamptz(3),
      width integer,
      height integer,
      duration_seconds real
    )`);
  await runner.query('create index uploads_owner on uploads (owner_id, state)');
  await runner.query("create index uploads_expired on uploads (expires_at) where state = 'open'");
  await runner.query("create index uploads_unattached on uploads (completed_at) where state = 'ready'");
  // One row for each user. Its lock makes the tickets of a user come one after the other.
  await runner.query(`
    create table upload_usage (
      owner_id uuid primary key,
      day date not null,
      day_bytes bigint not null default 0,
      day_count integer not null default 0,
      total_bytes bigint not null default 0
    )`);
  // What is to be deleted from the storage. A key may have several rows.
  await runner.query(`
    create table file_deletions (
      id uuid primary key,
      key text not null,
      kind text not null,
      due_at timestamptz(3) not null,
      attempts integer not null default 0
    )`);
  await runner.query('create index file_deletions_due on file_deletions (due_at)');
}

/** Adds the waveform of voice messages; call it in a migration after that of `createUploadTables`. A row of the build before has null. */
export async function addUploadWaveforms(runner: SqlRunner): Promise<void> {
  await runner.query('alter table uploads add column waveform smallint[]');
}

/** Drops what `createUploadTables` has created. */
export async function dropUploadTables(runner: SqlRunner): Promise<void> {
  await runner.query('drop table file_deletions, upload_usage, uploads');
}
