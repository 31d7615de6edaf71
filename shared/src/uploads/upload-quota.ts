import type { SqlRunner } from '../database/index.js';
import { rowsOf } from '../database/index.js';
import type { UploadsConfig } from './uploads.config.js';
import { dailyQuotaExceeded, tooManyTickets, totalQuotaExceeded } from './uploads.errors.js';

const BYTES_PER_MB = 2 ** 20;

interface Usage {
  dayBytes: number;
  dayCount: number;
  totalBytes: number;
  secondsUntilTomorrow: number;
}

/**
 * Counts an upload against the limits of its owner, in the transaction that stores it; throws if it exceeds one. The row of the user stays
 * locked until the transaction ends, so parallel requests cannot exceed a limit together.
 */
export async function reserve(runner: SqlRunner, ownerId: string, sizeBytes: number, config: UploadsConfig): Promise<void> {
  // A new day begins with zero; the update also locks the row.
  const [usage] = rowsOf<Usage>(
    await runner.query(
      `insert into upload_usage as u (owner_id, day) values ($1, (now() at time zone 'utc')::date)
       on conflict (owner_id) do update set
         day_bytes = case when u.day = excluded.day then u.day_bytes else 0 end,
         day_count = case when u.day = excluded.day then u.day_count else 0 end,
         day = excluded.day
       returning day_bytes::float8 as "dayBytes", day_count as "dayCount", total_bytes::float8 as "totalBytes",
         extract(epoch from (u.day + 1) - (now() at time zone 'utc'))::float8 as "secondsUntilTomorrow"`,
      [ownerId],
    ),
  ) as [Usage];
  const [open] = rowsOf<{ count: number; seconds: number | null }>(
    await runner.query(
      `select count(*)::int as count, extract(epoch from min(expires_at) - now())::float8 as seconds
       from uploads where owner_id = $1 and state = 'open' and expires_at > now()`,
      [ownerId],
    ),
  );
  if (open!.count >= config.openTickets) throw tooManyTickets(open!.seconds ?? 1);
  if (usage.dayCount >= config.dailyCount || usage.dayBytes + sizeBytes > config.dailyMb * BYTES_PER_MB)
    throw dailyQuotaExceeded(usage.secondsUntilTomorrow);
  if (usage.totalBytes + sizeBytes > config.totalMb * BYTES_PER_MB) throw totalQuotaExceeded();
  await runner.query(
    'update upload_usage set day_bytes = day_bytes + $2, day_count = day_count + 1, total_bytes = total_bytes + $2 where owner_id = $1',
    [ownerId, sizeBytes],
  );
}
