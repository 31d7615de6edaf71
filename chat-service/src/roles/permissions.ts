import type { MemberRole } from '@chat/shared/contracts';
import { notPermitted } from './roles.errors.js';

/** Whether members of a role may do something; a list: only to members of these roles. */
type Permission = boolean | readonly MemberRole[];

const EVERY_MEMBER = { OWNER: true, ADMIN: true, MEMBER: true } as const;
const OWNERS_AND_ADMINS = { OWNER: true, ADMIN: true, MEMBER: false } as const;

/** What members may do in a group, by their role. Nothing else decides it; chat-service/test/permissions.test.ts checks every cell. */
export const GROUP_PERMISSIONS = {
  'send messages': EVERY_MEMBER,
  reply: EVERY_MEMBER,
  react: EVERY_MEMBER,
  'mention members': EVERY_MEMBER,
  'edit own messages': EVERY_MEMBER,
  'delete own messages': EVERY_MEMBER,
  leave: EVERY_MEMBER,
  'change the title': OWNERS_AND_ADMINS,
  'change the picture': OWNERS_AND_ADMINS,
  'add members': OWNERS_AND_ADMINS,
  'remove a member': { OWNER: ['OWNER', 'ADMIN', 'MEMBER'], ADMIN: ['MEMBER'], MEMBER: [] },
  'delete messages of others': OWNERS_AND_ADMINS,
  'change a role': { OWNER: true, ADMIN: false, MEMBER: false },
} as const satisfies Record<string, Record<MemberRole, Permission>>;

export type GroupAction = keyof typeof GROUP_PERMISSIONS;

/** Whether a member of this role may do it; `target` is the role of the member to which it is done, by default MEMBER. */
export function isPermitted(role: MemberRole, action: GroupAction, target: MemberRole = 'MEMBER'): boolean {
  const permission: Permission = GROUP_PERMISSIONS[action][role];
  return typeof permission === 'boolean' ? permission : permission.includes(target);
}

/** The roles whose members may do it. */
export function rolesWith(action: GroupAction): MemberRole[] {
  return (Object.keys(GROUP_PERMISSIONS[action]) as MemberRole[]).filter((role) => isPermitted(role, action));
}

/** Throws FORBIDDEN unless `isPermitted`. */
export function requirePermission(role: MemberRole, action: GroupAction, target?: MemberRole): void {
  if (!isPermitted(role, action, target)) throw notPermitted(action);
}
