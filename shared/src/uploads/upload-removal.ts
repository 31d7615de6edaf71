import { columnsOf, newId, rowsOf, type SqlRunner } from '../database/index.js';
import type { StoredFile } from '../media/index.js';
import { checkedFilesOf, receivedFile, type Upload } from './upload.js';

/** Longer than an upload takes that a provider accepted just before its ticket ended. */
const LAST_DIRECT_UPLOAD_SECONDS = 3600;

/**
 * Deletes the rows, gives their owners the space back, and queues the deletion of their files, in the transaction of the calling code: the
 * files are deleted after the commit, with retries, and a provider that fails does not concern the user.
 */
export async function removeUploads(runner: SqlRunner, folder: string, uploadIds: string[]): Promise<void> {
  if (uploadIds.length === 0) return;
  const removed = rowsOf<ReceivedUpload>(
    await runner.query(
      `with removed as (delete from uploads where id = any($1::uuid[]) returning id, owner_id, kind, reserved_bytes, expires_at),
         freed as (
           update upload_usage u set total_bytes = greatest(0, u.total_bytes - r.bytes)
           from (select owner_id, sum(reserved_bytes) as bytes from removed group by owner_id) r where u.owner_id = r.owner_id)
       select id, owner_id as "ownerId", kind, expires_at as "expiresAt" from removed`,
      [uploadIds],
    ),
  );
  await deleteFiles(
    runner,
    removed.flatMap((upload) => checkedFilesOf(folder, upload)),
  );
  await deleteReceivedFiles(runner, folder, removed);
}

/** Deletes what clients have sent, now, and again when nothing can arrive any more: a direct upload may be repeated until its ticket ends. */
export async function deleteReceivedFiles(runner: SqlRunner, folder: string, uploads: ReceivedUpload[]): Promise<void> {
  const now = new Date();
  const deletions = uploads.flatMap((upload): Deletion[] => {
    const file = receivedFile(folder, upload);
    const last = new Date(upload.expiresAt.getTime() + LAST_DIRECT_UPLOAD_SECONDS * 1000);
    return [{ ...file, dueAt: now }, ...(last > now ? [{ ...file, dueAt: last }] : [])];
  });
  await queueDeletions(runner, deletions);
}

type ReceivedUpload = Pick<Upload, 'id' | 'ownerId' | 'kind' | 'expiresAt'>;

/** A file to delete, and when. */
export interface Deletion extends StoredFile {
  dueAt: Date;
}

/** Queues files for deletion. */
export async function queueDeletions(runner: SqlRunner, deletions: Deletion[]): Promise<void> {
  await runner.query(
    `insert into file_deletions (id, key, kind, due_at)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[])`,
    [deletions.map(() => newId()), ...columnsOf(deletions, ['key', 'kind', 'dueAt'])],
  );
}

/** Deletes files as soon as possible. */
export function deleteFiles(runner: SqlRunner, files: StoredFile[]): Promise<void> {
  const dueAt = new Date();
  return queueDeletions(
    runner,
    files.map((file) => ({ ...file, dueAt })),
  );
}
