import { Module } from '@nestjs/common';
import { ReceiptsModule } from '../receipts/receipts.module.js';
import { UsersModule } from '../users/users.module.js';
import { ConversationViews } from './conversation-views.js';
import { ConversationsController } from './conversations.controller.js';
import { ConversationsService } from './conversations.service.js';
import { DirectConversationIds } from './direct-conversation-ids.js';

@Module({
  imports: [ReceiptsModule, UsersModule],
  controllers: [ConversationsController],
  providers: [ConversationsService, ConversationViews, DirectConversationIds],
  exports: [ConversationsService, DirectConversationIds],
})
export class ConversationsModule {}
