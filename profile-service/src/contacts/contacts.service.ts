import { Injectable } from '@nestjs/common';
import type { EventPayloads } from '@chat/shared/events';
import { findDeletedUsers } from '@chat/shared/consumer';
import { DataSource, type EntityManager } from 'typeorm';
import { ConversationMemberEntity } from './conversation-member.entity.js';

/** Contacts are users that share a conversation; a private profile is visible to the contacts of its owner. */
@Injectable()
export class ContactsService {
  constructor(private readonly dataSource: DataSource) {}

  /** Stores the members of a conversation. A second call for the same conversation changes nothing. */
  async addConversation(manager: EntityManager, conversation: EventPayloads['ConversationCreated']): Promise<void> {
    const { conversationId } = conversation;
    const userIds = conversation.members.map(({ userId }) => userId);
    const deleted = await findDeletedUsers(manager, userIds);
    const members = userIds.filter((userId) => !deleted.has(userId)).map((userId) => ({ userId, conversationId }));
    if (members.length === 0) return;
    await manager.createQueryBuilder().insert().into(ConversationMemberEntity).values(members).orIgnore().execute();
  }

  async deleteUser(manager: EntityManager, userId: string): Promise<void> {
    await manager.delete(ConversationMemberEntity, { userId });
  }

  /** The users of `userIds` that share a conversation with this user. The primary key (user_id, conversation_id) serves both sides of the join. */
  async filterContacts(userId: string, userIds: string[]): Promise<Set<string>> {
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
