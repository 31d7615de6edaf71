import type { LogPosition } from '@chat/shared/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { selectUnreadByMessage } from '../notifications/notifications.queries.js';
import { RECORDER_DATABASE } from './databases.js';
import type { RecordedBatch, RecordedEvent, StoredEvent } from './feed-event.js';
import { FeedLog } from './feed-log.js';

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

/** The events of the feed after a position, which live delivery reads to catch up. */
@Injectable()
export class FeedBacklog {
  constructor(
    @Inject(RECORDER_DATABASE) private readonly dataSource: DataSource,
    private readonly feedLog: FeedLog,
  ) {}

  /** The next epoch in which the partition of this position was consumed; null if there is none. */
  async epochAfter({ epoch, partition }: LogPosition): Promise<number | null> {
    const rows = (await this.dataSource.query(
      'select min(epoch) as epoch from consumer_positions where consumer_group = $1 and topic = $2 and partition = $3 and epoch > $4',
      [this.feedLog.group, this.feedLog.topic, partition, epoch],
    )) as { epoch: number | null }[];
    return rows[0]?.epoch ?? null;
  }

  /**
   * The events after this position in its partition and epoch, in order, and the notifications of their messages: those that are unread
   * and whose newest message is among the events.
   */
  async eventsAfter({ epoch, partition, offset }: LogPosition, limit: number): Promise<RecordedBatch> {
    const rows = (await this.dataSource.query(
      `select f.epoch, f.partition, f."offset", f.type, f.event_id, f.conversation_id,
         coalesce((select m.payload from feed_messages m where m.message_id = f.message_id), f.payload) as payload, array(
         select distinct m.user_id::text from memberships m
         where m.conversation_id = f.conversation_id and (m.from_epoch, m.from_offset) <= (f.epoch, f."offset")
           and (m.until_epoch is null or (f.epoch, f."offset") <= (m.until_epoch, m.until_offset))
           and is_after_joining(f.type, f.payload, m.from_seq)) as audience
       from feed_events f where f.epoch = $1 and f.partition = $2 and f."offset" > $3 order by f."offset" limit $4`,
      [epoch, partition, offset, limit],
    )) as EventRow[];
    const events = rows.map((row) => ({ event: toStoredEvent(row), audience: row.audience }));
    return { events, notifications: await selectUnreadByMessage(this.dataSource, messagesIn(events)) };
  }
}

function messagesIn(events: RecordedEvent[]): { conversationId: string; messageId: string }[] {
  return events
    .filter(({ event }) => event.type === 'MessageCreated')
    .map(({ event: { conversationId, payload } }) => ({
      conversationId,
      messageId: (JSON.parse(payload) as { messageId: string }).messageId,
    }));
}

function toStoredEvent({ offset, event_id: eventId, conversation_id: conversationId, ...event }: EventRow): StoredEvent {
  const { epoch, partition, type, payload } = event;
  return { epoch, partition, offset: Number(offset), type, eventId, conversationId, payload };
}
