import type { Random } from '@chat/testkit/random';

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
export function randomKind(random: Random, { isDirect, members }: Conversation, userId: string): Kind {
  const kinds = isDirect ? OF_DIRECT_CONVERSATIONS : OF_GROUPS;
  const kind = kinds[random(kinds.length)]!;
  // A user that is not a member can only join, and the last member does not leave.
  if (!members.has(userId)) return 'join';
  return kind === 'join' || (kind === 'leave' && members.size === 1) ? 'send' : kind;
}
