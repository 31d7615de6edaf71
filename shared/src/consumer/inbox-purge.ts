import type { DataSource } from 'typeorm';
import { PurgeJob, ROWS_PER_CHUNK, rowsOf, type SqlRunner } from '../database/index.js';
import type { TopicName } from '../events/index.js';
import type { Log } from '../observability/index.js';

/** So long an id is kept at least: no outbox publishes an event again after such a time. */
const RETENTION = '30 days';
/** The clocks that wrote the times of records may differ from the one of the database, and from each other. */
const CLOCK_DIFFERENCE = '1 day';

/*
 * The inbox keeps the ids of handled events until no redelivery needs them.
 *
 * Within an epoch a position never goes back. But a new epoch reads the log from its beginning, and some topics keep their records for ever. So
 * the purge stores up to which time of a record its group has certainly handled everything, and only then deletes the ids before that time; a
 * record before it has no effect (`handledUntil`). That time is never after the newest record of any partition, so a record that waits in the
 * log, for however long, is after it. A partition without records holds the purge back. Positions of a topic that the group does not consume any
 * more do not: they are left for processes of the build before.
 */

/** Deletes the ids of events that a group has handled and that need not be known any more, every ten minutes. */
export class InboxPurge extends PurgeJob {
  constructor(
    private readonly dataSource: DataSource,
    /** As Kafka knows it. */
    private readonly group: string,
    private readonly topics: TopicName[],
    log: Log,
  ) {
    super('ids of handled events', log);
  }

  async purge(rowsPerChunk = ROWS_PER_CHUNK): Promise<number> {
    // Committed before an id is deleted: a redelivery finds either the id or the time.
    await this.dataSource.query(
      `insert into inbox_purges as p (consumer_group, handled_until)
       select $1, least(clock_timestamp() - interval '${RETENTION}', to_timestamp(min(c.last_timestamp) / 1000.0) - interval '${CLOCK_DIFFERENCE}')
         from consumer_epochs e
         join consumer_positions c using (consumer_group, topic, epoch)
        where consumer_group = $1 and topic = any($2::text[])
       having count(distinct topic) = cardinality($2::text[])
          and count(c.last_timestamp) = (select sum(partition_count) from consumer_epochs where consumer_group = $1 and topic = any($2::text[]))
       on conflict (consumer_group) do update set handled_until = greatest(p.handled_until, excluded.handled_until)`,
      [this.group, this.topics],
    );
    // A batch that is being stored has locked the ids that it has.
    return await this.inChunks(rowsPerChunk, async () => {
      const [, deleted] = (await this.dataSource.query(
        `delete from inbox where event_id in (
           select event_id from inbox where consumer_group = $1 and handled_at <
             (select handled_until - interval '${CLOCK_DIFFERENCE}' from inbox_purges where consumer_group = $1)
           order by handled_at limit $2 for update skip locked)`,
        [this.group, rowsPerChunk],
      )) as [unknown, number];
      return deleted;
    });
  }
}

/** Every record of the group that is older was handled. Read it after `deduplicateEvents`, which may have missed an id that was just deleted. */
export async function handledUntil(runner: SqlRunner, group: string): Promise<Date> {
  const result = await runner.query('select handled_until from inbox_purges where consumer_group = $1', [group]);
  return rowsOf<{ handled_until: Date }>(result)[0]?.handled_until ?? new Date(0);
}
