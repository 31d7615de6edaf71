import type { DatabaseConfig } from '@chat/shared/config';
import { createDataSource } from '@chat/shared/database';
import type { DataSource } from 'typeorm';
import { Conversation } from './conversations/conversation.entity.js';
import { Member } from './conversations/member.entity.js';
import { Message } from './messages/message.entity.js';
import { ConversationsAndMessages1795300000001 } from './migrations/0001-conversations-and-messages.js';
import { OutboxAndConsumerTables1795300000002 } from './migrations/0002-outbox-and-consumer-tables.js';
import { FunctionsOfTheSendPath1795300000003 } from './migrations/0003-functions-of-the-send-path.js';
import { DeletedUsers1795300000008 } from './migrations/0008-deleted-users.js';
import { ReceiptStep } from './receipts/receipt-step.entity.js';
import { User } from './users/user.entity.js';

export function createChatDataSource(config: DatabaseConfig): DataSource {
  return createDataSource({
    config,
    schema: 'chat',
    applicationName: 'chat-service',
    entities: [User, Conversation, Member, Message, ReceiptStep],
    migrations: [
      ConversationsAndMessages1795300000001,
      OutboxAndConsumerTables1795300000002,
      FunctionsOfTheSendPath1795300000003,
      DeletedUsers1795300000008,
    ],
  });
}
