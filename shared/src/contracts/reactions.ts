import type { ChatReaction } from './chat.contract.js';

/** `POST /chat/messages/own-reactions`, of up to 500 messages: those to which the current user has reacted. */
export interface OwnReactions {
  messageId: string;
  emojis: string[];
}

/** How many user ids the reactions to one message have at most, however many members reacted. */
export const MAX_REACTION_USER_IDS = 200;

/**
 * The reactions to a message as clients see them. If there are more than MAX_REACTION_USER_IDS, they share that number: each emoji keeps the ids of the first
 * members. So a message that 1,000 members reacted to with 20 emojis is no larger than others, on the way to each of them and in a page. `reactions` may
 * be those of an event of a build before, which have all ids and no count, or the count 0.
 */
export function shownReactions(reactions: readonly (Omit<ChatReaction, 'count'> & { count?: number })[]): ChatReaction[] {
  const counted = reactions.map(({ emoji, userIds, count = 0 }) => ({ emoji, count: Math.max(count, userIds.length), userIds }));
  const total = counted.reduce((sum, { count }) => sum + count, 0);
  if (total <= MAX_REACTION_USER_IDS) return counted;
  const shown = Math.floor(MAX_REACTION_USER_IDS / counted.length);
  return counted.map((reaction) => ({ ...reaction, userIds: reaction.userIds.slice(0, shown) }));
}
