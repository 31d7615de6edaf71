import { rowsOf, type SqlRunner } from '../database/index.js';
import { type Upload, UPLOAD_COLUMNS } from './upload.js';

/** Null if there is no such upload. */
export async function findUpload(runner: SqlRunner, uploadId: string): Promise<Upload | null> {
  return (await findUploads(runner, [uploadId]))[0] ?? null;
}

/** Those of the uploads that exist, in any order. */
export async function findUploads(runner: SqlRunner, uploadIds: string[]): Promise<Upload[]> {
  if (uploadIds.length === 0) return [];
  return rowsOf<Upload>(await runner.query(`select ${UPLOAD_COLUMNS} from uploads where id = any($1::uuid[])`, [uploadIds]));
}

/** The time after which another request may check an upload whose check did not end, because its process did. */
export const CHECK_SECONDS = 60;

/** An upload that one request checks, until this time. Then another request may begin, and what this one has found does not count. */
export interface UploadInCheck extends Upload {
  checkingUntil: Date;
}

/** Takes an open upload for a check; null if it is not open, not of this owner, or another request checks it. */
export async function beginCheck(runner: SqlRunner, uploadId: string, ownerId: string): Promise<UploadInCheck | null> {
  const taken = await runner.query(
    `with taken as (
       update uploads set checking_until = now() + $3 * interval '1 second'
       where id = $1 and owner_id = $2 and state = 'open' and (checking_until is null or checking_until < now())
       returning *)
     select ${UPLOAD_COLUMNS}, checking_until as "checkingUntil" from taken`,
    [uploadId, ownerId, CHECK_SECONDS],
  );
  return rowsOf<UploadInCheck>(taken)[0] ?? null;
}

/** The check has no result; another one may begin. */
export async function endCheck(runner: SqlRunner, { id, checkingUntil }: UploadInCheck): Promise<void> {
  await runner.query('update uploads set checking_until = null where id = $1 and checking_until = $2', [id, checkingUntil]);
}

/** Whether the check is still that of this request; locks the row until the transaction ends. */
export async function isInCheck(runner: SqlRunner, { id, checkingUntil }: UploadInCheck): Promise<boolean> {
  const found = await runner.query(`select 1 from uploads where id = $1 and state = 'open' and checking_until = $2 for update`, [
    id,
    checkingUntil,
  ]);
  return rowsOf(found).length > 0;
}

/** What the check of an upload has found. */
export interface CheckedFile {
  /** The type in which it is delivered. */
  mimeType: string;
  fileName: string;
  sizeBytes: number;
  /** With the thumbnails. */
  storedBytes: number;
  width: number | null;
  height: number | null;
  durationSeconds: number | null;
  waveform: number[] | null;
}

/** The upload is checked and can be used; null if it is not open any more, or another request checks it. From now on, the quota counts what is really stored. */
export async function markReady(runner: SqlRunner, { id, checkingUntil }: UploadInCheck, file: CheckedFile): Promise<Upload | null> {
  const { mimeType, fileName, sizeBytes, storedBytes, width, height, durationSeconds, waveform } = file;
  const ready = await runner.query(
    `with before as (select id, reserved_bytes from uploads where id = $1 and state = 'open' and checking_until = $9 for update),
       ready as (
         update uploads u set state = 'ready', completed_at = now(), checking_until = null, size_bytes = $2, reserved_bytes = $3,
           width = $4, height = $5, duration_seconds = $6, mime_type = $7, file_name = $8, waveform = $10
         from before where u.id = before.id returning u.*),
       counted as (
         update upload_usage g set total_bytes = greatest(0, g.total_bytes + $3 - before.reserved_bytes)
         from before, ready where g.owner_id = ready.owner_id)
     select ${UPLOAD_COLUMNS} from ready`,
    [id, sizeBytes, storedBytes, width, height, durationSeconds, mimeType, fileName, checkingUntil, waveform],
  );
  return rowsOf<Upload>(ready)[0] ?? null;
}

/** A ready upload of this owner is used now; null if there is none. */
export async function markAttached(runner: SqlRunner, uploadId: string, ownerId: string): Promise<Upload | null> {
  const attached = await runner.query(
    `with attached as (update uploads set state = 'attached' where id = $1 and owner_id = $2 and state = 'ready' returning *)
     select ${UPLOAD_COLUMNS} from attached`,
    [uploadId, ownerId],
  );
  return rowsOf<Upload>(attached)[0] ?? null;
}
