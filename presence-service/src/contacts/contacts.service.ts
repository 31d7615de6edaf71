import { findDeletedUsers } from '@chat/shared/consumer';
import type { EventPayloads } from '@chat/shared/events';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ConversationMemberEntity } from './conversation-member.entity.js';

/** Users that share a conversation are contacts: they may see each other's presence, even if the profile is private. */
@Injectable()
export class ContactsService {
  constructor(private readonly dataSource: DataSource) {}

  /** The same conversation a second time changes nothing. */
  async addConversation(manager: EntityManager, conversation: EventPayloads['ConversationCreated']): Promise<void> {
    const { conversationId } = conversation;
    const userIds = conversation.members.map(({ userId }) => userId);
    const deletedUsers = await findDeletedUsers(manager, userIds);
    const members = userIds.filter((userId) => !deletedUsers.has(userId)).map((userId) => ({ userId, conversationId }));
    if (members.length === 0) return;
    await manager.createQueryBuilder().insert().into(ConversationMemberEntity).values(members).orIgnore().execute();
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
}
