import type { AuthenticatedUser } from '@chat/shared/auth';
import { type ChatConversation, MAX_GROUP_MEMBERS, type MemberRole, type UpdateGroupRequest } from '@chat/shared/contracts';
import { appendToOutbox } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { userNotReachable } from '../blocks/blocks.errors.js';
import { BlocksService } from '../blocks/blocks.service.js';
import { requirePermission } from '../roles/permissions.js';
import { userDeleted } from '../users/users.errors.js';
import { UsersService } from '../users/users.service.js';
import { ConversationsService } from './conversations.service.js';
import { findMembers, insertMembers, removeMember, updateRole } from './group-members.js';
import { GroupPictures } from './group-pictures.js';
import { GroupTransactions } from './group-transactions.js';
import { memberNotFound, onlyOwner, tooManyMembers } from './groups.errors.js';

/** What members do with a group. What is so already changes nothing, and causes no event. */
@Injectable()
export class GroupsService {
  constructor(
    private readonly groups: GroupTransactions,
    private readonly conversations: ConversationsService,
    private readonly users: UsersService,
    private readonly blocks: BlocksService,
    private readonly pictures: GroupPictures,
  ) {}

  /** What is not given stays as it is. A title that is null does, too; a picture that is null is removed. */
  async updateGroup(user: AuthenticatedUser, conversationId: string, changes: UpdateGroupRequest): Promise<ChatConversation> {
    const action = changes.pictureMediaId === undefined ? 'change the title' : 'change the picture';
    await this.groups.run({ conversationId, userId: user.userId, action }, async (manager, group) => {
      const { title, pictureId } = group;
      const { title: newTitle, pictureMediaId: newPictureId = pictureId } = changes;
      const after = { title: newTitle ?? title, pictureId: newPictureId };
      if (after.title !== title) {
        requirePermission(group.role, 'change the title');
        await manager.query('update conversations set title = $2 where id = $1', [conversationId, after.title]);
      }
      if (after.pictureId !== pictureId) await this.pictures.change(manager, group, user.userId, after.pictureId);
      if (after.title === title && after.pictureId === pictureId) return;
      const payload = { conversationId, ...after, updatedBy: user.userId, updatedAt: new Date().toISOString() };
      await appendToOutbox(manager, { type: 'ConversationUpdated', key: conversationId, payload });
    });
    this.pictures.deleteReleased();
    return this.conversations.getConversation(user, conversationId);
  }

  async addMembers(user: AuthenticatedUser, conversationId: string, userIds: string[]): Promise<ChatConversation> {
    const wanted = [...new Set(userIds)];
    requirePermission((await this.groups.find(conversationId, user.userId)).role, 'add members');
    await this.users.requireUsers(wanted, user);
    await this.groups.run({ conversationId, userId: user.userId, action: 'add members' }, async (manager, group) => {
      // Under the locks of the users: a deletion comes either before this, or afterwards and removes the member.
      if (await this.users.isAnyDeleted(manager, wanted)) throw userDeleted();
      const members = await findMembers(manager, group);
      const added = wanted.filter((id) => !members.has(id));
      if (members.size + added.length > MAX_GROUP_MEMBERS) throw tooManyMembers(MAX_GROUP_MEMBERS);
      await this.#requireNoBlock(user, added);
      if (added.length > 0) await insertMembers(manager, group, added, user.userId);
    });
    return this.conversations.getConversation(user, conversationId);
  }

  async setRole(user: AuthenticatedUser, conversationId: string, userId: string, role: MemberRole): Promise<ChatConversation> {
    await this.groups.run({ conversationId, userId: user.userId, action: 'change a role' }, async (manager, group) => {
      const members = await findMembers(manager, group);
      const current = members.get(userId);
      if (current === undefined) throw memberNotFound();
      if (current === role) return;
      if (current === 'OWNER' && [...members.values()].filter((one) => one === 'OWNER').length === 1) throw onlyOwner();
      await updateRole(manager, group, { userId, role }, user.userId);
    });
    return this.conversations.getConversation(user, conversationId);
  }

  /** Removing oneself is leaving; the answer is then the group without the current user, as the last that this user sees of it. */
  async removeMember(user: AuthenticatedUser, conversationId: string, userId: string): Promise<ChatConversation> {
    if (userId === user.userId) {
      const before = await this.conversations.getConversation(user, conversationId);
      const newOwner = await this.#leave(user, conversationId);
      const remaining = before.members.filter((member) => member.userId !== userId);
      return { ...before, members: remaining.map((member) => (member.userId === newOwner ? { ...member, role: 'OWNER' } : member)) };
    }
    await this.groups.run({ conversationId, userId: user.userId, action: 'remove a member' }, async (manager, group) => {
      const role = (await findMembers(manager, group)).get(userId);
      if (role === undefined) throw memberNotFound();
      requirePermission(group.role, 'remove a member', role);
      await removeMember(manager, group, userId, user.userId);
    });
    return this.conversations.getConversation(user, conversationId);
  }

  async leave(user: AuthenticatedUser, conversationId: string): Promise<void> {
    await this.#leave(user, conversationId);
  }

  /** Neither of two users may add the other while one has blocked the other. */
  async #requireNoBlock({ userId }: AuthenticatedUser, otherIds: string[]): Promise<void> {
    if (await this.blocks.isBlockedFor(userId, otherIds)) throw userNotReachable();
  }

  /** Returns the new owner, if the last one left. */
  #leave({ userId }: AuthenticatedUser, conversationId: string): Promise<string | null> {
    return this.groups.run({ conversationId, userId, action: 'leave' }, (manager, group) => removeMember(manager, group, userId, userId));
  }
}
