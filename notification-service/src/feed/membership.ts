import type { LogPlace } from './feed-event.js';

/** From which to which event, both included, a user was in a conversation. */
export interface Membership {
  conversationId: string;
  userId: string;
  fromEpoch: number;
  fromOffset: number;
  untilEpoch: number | null;
  untilOffset: number | null;
}

/** The rule of who may see an event; the same in SQL in the function replay_feed. */
export function maySee(membership: Membership, { epoch, offset }: Pick<LogPlace, 'epoch' | 'offset'>): boolean {
  const { fromEpoch, fromOffset, untilEpoch, untilOffset } = membership;
  if (epoch < fromEpoch || (epoch === fromEpoch && offset < fromOffset)) return false;
  return untilEpoch === null || epoch < untilEpoch || (epoch === untilEpoch && offset <= untilOffset!);
}

/** Everybody who may see an event of this conversation at this place, each once. */
export function audienceOf(memberships: readonly Membership[], place: Pick<LogPlace, 'epoch' | 'offset'>): string[] {
  const audience = new Set<string>();
  for (const membership of memberships) if (maySee(membership, place)) audience.add(membership.userId);
  return [...audience];
}
