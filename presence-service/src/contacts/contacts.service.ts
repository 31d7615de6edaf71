import { Injectable } from '@nestjs/common';
import type { EventPayloads } from '@chat/shared/events';
import { findDeletedUsers } from '@chat/shared/consumer';
import { DataSource, type EntityManager } from 'typeorm';
import { ConversationMemberEntity } from './conversation-member.entity.js';

/** Who shares a conversation with whom: what decides who may see the presence of a private profile. */
@Injectable()
export class ContactsService {
  constructor(private readonly dataSource: DataSource) {}

  /** Handling the same conversation again changes nothing. */
  async addConversation(manager: EntityManager, conversation: EventPayloads['ConversationCreated']): Promise<void> {
    const { conversationId } = conversation;
    const userIds = conversation.members.map(({ userId }) => userId);
    const gone = await findDeletedUsers(manager, userIds);
    const members = userIds.filter((userId) => !gone.has(userId)).map((userId) => ({ userId, conversationId }));
    if (members.length === 0) return;
    await manager.createQueryBuilder().insert().into(ConversationMemberEntity).values(members).orIgnore().execute();
  }

  async forget(manager: EntityManager, userId: string): Promise<void> {
    await manager.delete(ConversationMemberEntity, { userId });
  }

  /** Those of `userIds` who share a conversation with this person. Counts on the primary key (user_id, conversation_id), for both sides. */
  async contactsAmong(userId: string, userIds: string[]): Promise<Set<string>> {
    if (userIds.length === 0) return new Set();
    const rows = await this.dataSource.query<{ userId: string }[]>(
      `select distinct theirs.user_id as "userId"
       from conversation_members mine
       join conversation_members theirs on theirs.conversation_id = mine.conversation_id
       where mine.user_id = $1 and theirs.user_id = any($2::uuid[])`,
      [userId, userIds],
    );
    return new Set(rows.map((row) => row.userId));
  }
}
