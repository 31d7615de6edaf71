import type { LogPosition } from '@chat/shared/contracts';

/** The first and the last event, both included, between which a user was a member of a conversation. */
export interface Membership {
  conversationId: string;
  userId: string;
  fromEpoch: number;
  fromOffset: number;
  untilEpoch: number | null;
  untilOffset: number | null;
  /** The member sees the messages after it. */
  fromSeq: number;
}

/** The form in which SQL functions return a membership. */
export type MembershipRow = [
  conversationId: string,
  userId: string,
  fromEpoch: number,
  fromOffset: number,
  untilEpoch: number | null,
  untilOffset: number | null,
  fromSeq: number,
];

export function toMembership([conversationId, userId, fromEpoch, fromOffset, untilEpoch, untilOffset, fromSeq]: MembershipRow): Membership {
  return { conversationId, userId, fromEpoch, fromOffset, untilEpoch, untilOffset, fromSeq };
}

/**
 * The rule that decides which members may see an event live. A replay has it, too (SQL function replay_feed), but shows a removed member nothing
 * of the conversation except the event that ended the membership.
 */
export function maySee(membership: Membership, { epoch, offset }: Pick<LogPosition, 'epoch' | 'offset'>): boolean {
  const { fromEpoch, fromOffset, untilEpoch, untilOffset } = membership;
  if (epoch < fromEpoch || (epoch === fromEpoch && offset < fromOffset)) return false;
  return untilEpoch === null || epoch < untilEpoch || (epoch === untilEpoch && offset <= untilOffset!);
}

/** The users that may see an event of this conversation at this position, each once. `seq`: of the message that the event is about. */
export function audienceOf(
  memberships: readonly Membership[],
  position: Pick<LogPosition, 'epoch' | 'offset'>,
  seq: number | null = null,
): string[] {
  const audience = new Set<string>();
  for (const membership of memberships)
    if (maySee(membership, position) && (seq === null || seq > membership.fromSeq)) audience.add(membership.userId);
  return [...audience];
}
