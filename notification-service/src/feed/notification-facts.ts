import type { FeedPayload } from '@chat/shared/contracts';
import type { NotificationFact } from '../notifications/apply.js';
import { previewOfMessage } from '../notifications/preview.js';
import type { NewEvent } from './feed-store.js';

/** What an event means for notifications; stored in pending_notifications. */
export type FactKind = NotificationFact['kind'];

/** What the facts of each kind need of the payloads of their events. */
type FactPayload = Partial<FeedPayload<'MessageCreated'> & FeedPayload<'ReceiptsAdvanced'> & FeedPayload<'ConversationMuted'>>;

/** Null: nothing. A message of a deleted user notifies no member. */
export function factKindOf({ record: { type }, isTombstone, isLate }: NewEvent): FactKind | null {
  if (isLate) return null;
  if (type === 'ReceiptsAdvanced') return 'read';
  if (type === 'ConversationMuted') return 'muted';
  if (type === 'MessageDeleted' || (type === 'MessageUpdated' && isTombstone)) return 'deleted';
  if (type === 'MessageUpdated') return 'edited';
  return type === 'MessageCreated' && !isTombstone ? 'message' : null;
}

/** `payload`: of the event, as it was published or as the feed has it now. */
export function toFact(kind: FactKind, payload: object, audience: Iterable<string>): NotificationFact {
  const { conversationId, messageId, seq, senderId, content, attachments, createdAt, userId, lastReadSeq, mutedUntil } =
    payload as Required<FactPayload>;
  switch (kind) {
    case 'read':
      return { kind, conversationId, userId, seq: lastReadSeq };
    case 'muted':
      return { kind, conversationId, userId, until: mutedUntil };
    case 'edited':
      return { kind, conversationId, messageId, preview: previewOfMessage({ content, attachments }), audience };
    case 'deleted':
      return { kind, conversationId, messageId, seq, senderId, createdAt, audience };
    case 'message':
      return { kind, conversationId, messageId, seq, senderId, preview: previewOfMessage({ content, attachments }), createdAt, audience };
  }
}
