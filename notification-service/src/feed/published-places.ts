import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { NOTIFICATION_COLUMNS, type NotificationRow, toNotification } from '../notifications/to-notification.js';
import type { LogPlace, StoredEvent } from './feed-event.js';
import { FeedLog } from './feed-log.js';
import type { RecordedBatch } from './feed-recorder.js';

interface EventRow {
  epoch: number;
  partition: number;
  offset: string;
  type: StoredEvent['type'];
  event_id: string;
  conversation_id: string;
  payload: string;
  audience: string[];
}

/** How far live delivery has come (`feed_published`), and what of the feed comes after a place. */
@Injectable()
export class PublishedPlaces {
  constructor(
    private readonly dataSource: DataSource,
    private readonly feedLog: FeedLog,
  ) {}

  /** The mark of each partition; none: nothing of it was ever published. */
  async read(partitions: number[]): Promise<Map<number, LogPlace>> {
    const rows = (await this.dataSource.query(
      `select distinct on (partition) partition, epoch, "offset" from feed_published where partition = any($1)
       order by partition, epoch desc`,
      [partitions],
    )) as { partition: number; epoch: number; offset: string }[];
    return new Map(rows.map(({ partition, epoch, offset }) => [partition, { partition, epoch, offset: Number(offset) }]));
  }

  /** Marks only ever go forward, whoever writes last. */
  async store(places: LogPlace[]): Promise<void> {
    await this.dataSource.query(
      `insert into feed_published as mark (epoch, partition, "offset")
       select * from unnest($1::int[], $2::int[], $3::bigint[]) order by 1, 2
       on conflict (epoch, partition) do update set "offset" = excluded."offset" where mark."offset" < excluded."offset"`,
      [places.map((p) => p.epoch), places.map((p) => p.partition), places.map((p) => p.offset)],
    );
  }

  /** The first epoch after this one in which this partition was read; null when there is none. */
  async epochAfter(epoch: number, partition: number): Promise<number | null> {
    const rows = (await this.dataSource.query(
      'select min(epoch) as epoch from consumer_positions where consumer_group = $1 and topic = $2 and partition = $3 and epoch > $4',
      [this.feedLog.group, this.feedLog.topic, partition, epoch],
    )) as { epoch: number | null }[];
    return rows[0]?.epoch ?? null;
  }

  /**
   * The events after this place in its partition and epoch, in order, and the notifications that they raised: those that
   * are still open and whose newest message is among them.
   */
  async eventsAfter({ epoch, partition, offset }: LogPlace, limit: number): Promise<RecordedBatch> {
    const rows = (await this.dataSource.query(
      `select f.epoch, f.partition, f."offset", f.type, f.event_id, f.conversation_id, f.payload, array(
         select distinct m.user_id::text from memberships m
         where m.conversation_id = f.conversation_id and (m.from_epoch, m.from_offset) <= (f.epoch, f."offset")
           and (m.until_epoch is null or (f.epoch, f."offset") <= (m.until_epoch, m.until_offset))) as audience
       from feed_events f where f.epoch = $1 and f.partition = $2 and f."offset" > $3 order by f."offset" limit $4`,
      [epoch, partition, offset, limit],
    )) as EventRow[];
    const events = rows.map((row) => ({ event: toEvent(row), audience: row.audience }));
    return { events, notifications: await this.#openNotifications(events) };
  }

  async #openNotifications(events: RecordedBatch['events']): Promise<RecordedBatch['notifications']> {
    const messages = events
      .filter(({ event }) => event.type === 'MessageCreated')
      .map(({ event }) => ({
        conversationId: event.conversationId,
        messageId: (JSON.parse(event.payload) as { messageId: string }).messageId,
      }));
    if (messages.length === 0) return [];
    const rows = (await this.dataSource.query(
      `select ${NOTIFICATION_COLUMNS} from unnest($1::uuid[], $2::uuid[]) m(conversation_id, message_id)
       join notifications n on n.conversation_id = m.conversation_id and n.message_id = m.message_id and n.type = 'MESSAGE' and not n.read
       left join people p on p.user_id = n.sender_id`,
      [messages.map((m) => m.conversationId), messages.map((m) => m.messageId)],
    )) as NotificationRow[];
    return rows.map(toNotification);
  }
}

function toEvent({ offset, event_id: eventId, conversation_id: conversationId, epoch, partition, type, payload }: EventRow): StoredEvent {
  return { epoch, partition, offset: Number(offset), type, eventId, conversationId, payload };
}
