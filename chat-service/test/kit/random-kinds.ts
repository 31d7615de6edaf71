/** A generator of pseudo-random numbers (mulberry32): the same seed gives the same history. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export type Kind = 'send' | 'read' | 'deliver' | 'delete' | 'edit' | 'join' | 'leave' | 'block' | 'unblock';

export interface Conversation {
  id: string;
  isDirect: boolean;
  users: string[];
  members: Set<string>;
}

const OF_ALL: Kind[] = ['send', 'send', 'send', 'send', 'read', 'read', 'deliver', 'delete', 'delete', 'edit'];
const OF_GROUPS: Kind[] = [...OF_ALL, 'join', 'leave'];
const OF_DIRECT_CONVERSATIONS: Kind[] = [...OF_ALL, 'block', 'unblock', 'unblock'];

/** An operation that is possible for this user, who may be a member or not. */
export function randomKind(random: (below: number) => number, { isDirect, members }: Conversation, userId: string): Kind {
  const kinds = isDirect ? OF_DIRECT_CONVERSATIONS : OF_GROUPS;
  const kind = kinds[random(kinds.length)]!;
  // A user that is not a member can only join, and the last member does not leave.
  if (!members.has(userId)) return 'join';
  return kind === 'join' || (kind === 'leave' && members.size === 1) ? 'send' : kind;
}
