import { Module } from '@nestjs/common';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { ReceiptsModule } from '../receipts/receipts.module.js';
import { UsersModule } from '../users/users.module.js';
import { MessagesController } from './messages.controller.js';
import { MessagesService } from './messages.service.js';
import { SendLane } from './send-lane.js';

@Module({
  imports: [ConversationsModule, ReceiptsModule, UsersModule],
  controllers: [MessagesController],
  providers: [MessagesService, SendLane],
})
export class MessagesModule {}
