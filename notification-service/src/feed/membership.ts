import type { LogPosition } from '@chat/shared/contracts';

/** The first and the last event, both included, between which a user was a member of a conversation. */
export interface Membership {
  conversationId: string;
  userId: string;
  fromEpoch: number;
  fromOffset: number;
  untilEpoch: number | null;
  untilOffset: number | null;
}

/** The rule that decides which members may see an event; the SQL function replay_feed has the same rule. */
export function maySee(membership: Membership, { epoch, offset }: Pick<LogPosition, 'epoch' | 'offset'>): boolean {
  const { fromEpoch, fromOffset, untilEpoch, untilOffset } = membership;
  if (epoch < fromEpoch || (epoch === fromEpoch && offset < fromOffset)) return false;
  return untilEpoch === null || epoch < untilEpoch || (epoch === untilEpoch && offset <= untilOffset!);
}

/** The users that may see an event of this conversation at this position, each once. */
export function audienceOf(memberships: readonly Membership[], position: Pick<LogPosition, 'epoch' | 'offset'>): string[] {
  const audience = new Set<string>();
  for (const membership of memberships) if (maySee(membership, position)) audience.add(membership.userId);
  return [...audience];
}
