import type { Notification } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import type { EntityManager } from 'typeorm';
import type { Blocks } from '../users/blocks.js';
import type { UserNames } from '../users/names.js';
import { applyToNotifications, type NotificationFact, type ReadState } from './apply.js';
import { erasePreviews, saveMessageNotifications, saveMutes } from './notifications.queries.js';
import { toMessageNotification } from './to-notification.js';

interface Batch {
  /** Locked by this transaction. */
  readStates: ReadState[];
  /** In the order of the log. */
  facts: NotificationFact[];
  senderNames: Map<string, UserNames>;
  /** Of the senders. */
  blocks: Blocks;
}

/** Changes the MESSAGE notifications of the members as a batch requires, and returns those to be published live. */
export async function updateMessageNotifications(
  manager: EntityManager,
  { readStates, facts, senderNames, blocks }: Batch,
): Promise<Notification[]> {
  const changes = applyToNotifications(readStates, facts, newId, blocks);
  if (changes.notifications.length > 0 || changes.readStates.length > 0)
    await saveMessageNotifications(manager, changes.notifications, changes.readStates);
  if (changes.muted.length > 0) await saveMutes(manager, changes.muted);
  const deleted = facts.filter((fact) => fact.kind === 'deleted');
  if (deleted.length > 0) await erasePreviews(manager, deleted);
  return changes.toPublish.map((changed) => toMessageNotification({ ...senderNames.get(changed.senderId), ...changed }));
}
