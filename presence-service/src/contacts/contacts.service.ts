import { findDeletedUsers } from '@chat/shared/consumer';
import type { EventPayloads } from '@chat/shared/events';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, In } from 'typeorm';
import { ConversationMemberEntity } from './conversation-member.entity.js';

/** Users that share a conversation are contacts: they may see each other's presence, even if the profile is private. */
@Injectable()
export class ContactsService {
  constructor(private readonly dataSource: DataSource) {}

  /** The same conversation a second time changes nothing. */
  async addConversation(manager: EntityManager, { conversationId, members }: EventPayloads['ConversationCreated']): Promise<void> {
    await this.#add(manager, conversationId, members);
  }

  /** Users that were removed from their last common conversation are contacts no more. */
  async changeMembers(manager: EntityManager, { conversationId, added, removed }: EventPayloads['MembersChanged']): Promise<void> {
    await this.#add(manager, conversationId, added);
    if (removed.length > 0) await manager.delete(ConversationMemberEntity, { conversationId, userId: In(removed) });
  }

  async delete(manager: EntityManager, userId: string): Promise<void> {
    await manager.delete(ConversationMemberEntity, { userId });
  }

  /** The contacts of the user among `userIds`. Needs the primary key (user_id, conversation_id), for both sides. */
  async findContacts(userId: string, userIds: string[]): Promise<Set<string>> {
    if (userIds.length === 0) return new Set();
    const rows = await this.dataSource.query<{ userId: string }[]>(
      `select distinct other.user_id as "userId"
       from conversation_members own
       join conversation_members other on other.conversation_id = own.conversation_id
       where own.user_id = $1 and other.user_id = any($2::uuid[])`,
      [userId, userIds],
    );
    return new Set(rows.map((row) => row.userId));
  }

  async #add(manager: EntityManager, conversationId: string, users: { userId: string }[]): Promise<void> {
    const userIds = users.map(({ userId }) => userId);
    const deletedUsers = await findDeletedUsers(manager, userIds);
    const members = userIds.filter((userId) => !deletedUsers.has(userId)).map((userId) => ({ userId, conversationId }));
    if (members.length === 0) return;
    await manager.createQueryBuilder().insert().into(ConversationMemberEntity).values(members).orIgnore().execute();
  }
}
