import { Module } from '@nestjs/common';
import { MessagesModule } from '../messages/messages.module.js';
import { ReceiptsModule } from '../receipts/receipts.module.js';
import { UsersModule } from '../users/users.module.js';
import { ConversationsController } from './conversations.controller.js';
import { ConversationQueries } from './conversations.queries.js';
import { ConversationsService } from './conversations.service.js';
import { MembershipBackfill } from './membership-backfill.js';

@Module({
  imports: [MessagesModule, ReceiptsModule, UsersModule],
  controllers: [ConversationsController],
  providers: [ConversationsService, ConversationQueries, MembershipBackfill],
})
export class ConversationsModule {}
