import { Injectable } from '@nestjs/common';
import type { EventPayloads } from '@chat/shared/events';
import { findDeletedUsers } from '@chat/shared/consumer';
import { DataSource, type EntityManager, In } from 'typeorm';
import { ConversationMemberEntity } from './conversation-member.entity.js';

/** Contacts are users that share a conversation; a private profile is visible to the contacts of its owner. */
@Injectable()
export class ContactsService {
  constructor(private readonly dataSource: DataSource) {}

  /** Stores the members of a conversation. A second call for the same conversation changes nothing. */
  async addConversation(manager: EntityManager, { conversationId, members }: EventPayloads['ConversationCreated']): Promise<void> {
    await this.#add(manager, conversationId, members);
  }

  /** Users that were removed from their last common conversation are contacts no more. */
  async changeMembers(manager: EntityManager, { conversationId, added, removed }: EventPayloads['MembersChanged']): Promise<void> {
    await this.#add(manager, conversationId, added);
    if (removed.length > 0) await manager.delete(ConversationMemberEntity, { conversationId, userId: In(removed) });
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

  async #add(manager: EntityManager, conversationId: string, users: { userId: string }[]): Promise<void> {
    const userIds = users.map(({ userId }) => userId);
    const deletedUsers = await findDeletedUsers(manager, userIds);
    const members = userIds.filter((userId) => !deletedUsers.has(userId)).map((userId) => ({ userId, conversationId }));
    if (members.length === 0) return;
    await manager.createQueryBuilder().insert().into(ConversationMemberEntity).values(members).orIgnore().execute();
  }
}
