import type { AuthenticatedUser } from '@chat/shared/auth';
import { type ChatConversation, type CreateGroupRequest, MAX_GROUP_MEMBERS } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { currentContext } from '@chat/shared/observability';
import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { userNotReachable } from '../blocks/blocks.errors.js';
import { BlocksService } from '../blocks/blocks.service.js';
import { userDeleted } from '../users/users.errors.js';
import { UsersService } from '../users/users.service.js';
import { ConversationsService } from './conversations.service.js';
import { GroupPictures } from './group-pictures.js';
import { GroupTransactions } from './group-transactions.js';
import { tooManyMembers } from './groups.errors.js';

@Injectable()
export class GroupCreationService {
  constructor(
    private readonly groups: GroupTransactions,
    private readonly conversations: ConversationsService,
    private readonly users: UsersService,
    private readonly blocks: BlocksService,
    private readonly pictures: GroupPictures,
    private readonly relay: OutboxRelay,
  ) {}

  /** The current user becomes the owner. Nothing is created if one of the ids is wrong. */
  async createGroup(user: AuthenticatedUser, { title, memberIds, pictureMediaId = null }: CreateGroupRequest): Promise<ChatConversation> {
    const others = [...new Set(memberIds)].filter((id) => id !== user.userId);
    if (others.length >= MAX_GROUP_MEMBERS) throw tooManyMembers(MAX_GROUP_MEMBERS);
    await this.users.requireUsers(others, user);
    if (await this.blocks.isBlockedFor(user.userId, others)) throw userNotReachable();
    const { correlationId = null, traceparent = null } = currentContext() ?? {};
    const id = newId();
    const values = [id, title, user.userId, others, newId(), correlationId, traceparent];
    await this.groups.begin(async (manager) => {
      // See MembershipBackfill.
      const [row] = await manager.query<{ created: boolean }[]>(CREATE_GROUP, [...values, this.relay.isActive]);
      if (!row!.created) throw userDeleted();
      if (pictureMediaId !== null) await this.pictures.change(manager, { id, pictureId: null }, user.userId, pictureMediaId);
    });
    return this.conversations.getConversation(user, id);
  }
}

/** sql/create_group.sql */
const CREATE_GROUP = 'select create_group($1, $2, $3, $4, $5, $6, $7, $8) as created';
