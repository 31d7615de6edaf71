import type { Notification } from '@chat/shared/contracts';
import { columnsOf } from '@chat/shared/database';
import type { DataSource, EntityManager } from 'typeorm';
import { updateMessageNotifications } from '../notifications/message-notifications.js';
import { Blocks } from '../users/blocks.js';
import { type NewEvent, type StateRows, toReadState, toUserNames } from './feed-store.js';
import { audienceOf, type Membership, toMembership } from './membership.js';
import { type FactKind, toFact } from './notification-facts.js';

/*
 * A message to a group changes the notification of every member. In a large group that takes longer than everything else together, so the transaction
 * that stores its event only notes that the notifications are pending, and the event is published first. What is pending is changed by a transaction
 * of its own (PendingNotificationsWorker), in the order of the log: the events of half a second at once, so that many messages change a notification once.
 *
 * The note has the position of the event and no text: the text is read from the feed, so a text that was edited or deleted meanwhile comes back nowhere.
 * As long as a conversation has pending events, each further one of it is pending, too. A crash loses none, as they are in the database.
 */

const MAX_EVENTS = 500;

/** Notes these events of large groups, in the transaction that stores them. */
export async function storePending(manager: EntityManager, pending: { event: NewEvent; kind: FactKind }[]): Promise<void> {
  const rows = pending.map(({ event: { event, record }, kind }) => ({
    ...event,
    kind,
    userId: record.type === 'ReceiptsAdvanced' || record.type === 'ConversationMuted' ? record.payload.userId : null,
  }));
  await manager.query(
    `insert into pending_notifications (conversation_id, epoch, partition, "offset", kind, user_id)
     select * from unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::text[], $6::uuid[])`,
    columnsOf(rows, ['conversationId', 'epoch', 'partition', 'offset', 'kind', 'userId']),
  );
}

/** The conversations with pending notifications after this one in the order of the ids, at most `limit`; null: from the first one on. */
export async function conversationsWithPending(dataSource: DataSource, after: string | null, limit: number): Promise<string[]> {
  const rows = (await dataSource.query(
    'select distinct conversation_id as id from pending_notifications where $1::uuid is null or conversation_id > $1 order by 1 limit $2',
    [after, limit],
  )) as { id: string }[];
  return rows.map(({ id }) => id);
}

/** The answer of the SQL function pending_notifications_of. */
interface PendingState extends StateRows {
  /** The payload is null when the feed does not have the event any more. */
  events: [epoch: number, offset: number, kind: FactKind, payload: string | null][];
}

/**
 * Changes the notifications of a conversation as its oldest pending events require, in one transaction. Returns those to be published live, and whether
 * all pending events were applied; null if there were none, or another process applies them.
 */
export async function applyPending(
  dataSource: DataSource,
  conversationId: string,
  maxEvents = MAX_EVENTS,
): Promise<{ notifications: Notification[]; isLast: boolean } | null> {
  return await dataSource.transaction(async (manager) => {
    const [row] = await manager.query<{ state: PendingState | null }[]>('select pending_notifications_of($1, $2) as state', [
      conversationId,
      maxEvents,
    ]);
    const state = row!.state;
    if (state === null) return null;
    const notifications = await updateMessageNotifications(manager, {
      facts: factsOf(state),
      readStates: state.read_states.map(toReadState),
      senderNames: new Map(state.sender_names.map((names) => [names[0], toUserNames(names)])),
      blocks: new Blocks(state.blocks),
    });
    const [epoch, offset] = state.events.at(-1)!;
    await manager.query('delete from pending_notifications where conversation_id = $1 and (epoch, "offset") <= ($2, $3)', [
      conversationId,
      epoch,
      offset,
    ]);
    return { notifications, isLast: state.events.length < maxEvents };
  });
}

function factsOf({ events, members }: PendingState) {
  const memberships: Membership[] = members.map(toMembership);
  return events.flatMap(([epoch, offset, kind, text]) => {
    if (text === null) return [];
    const payload = JSON.parse(text) as { seq?: number };
    return [toFact(kind, payload, kind === 'read' || kind === 'muted' ? [] : audienceOf(memberships, { epoch, offset }, payload.seq))];
  });
}
