import { Module } from '@nestjs/common';
import { ReceiptsModule } from '../receipts/receipts.module.js';
import { UsersModule } from '../users/users.module.js';
import { DirectConversations } from './direct-conversations.js';
import { MessageBatchWriter } from './message-batch-writer.js';
import { MessageChangesController } from './message-changes.controller.js';
import { MessageChangesService } from './message-changes.service.js';
import { MessageStore } from './message-store.js';
import { MessagesController } from './messages.controller.js';
import { MessagesService } from './messages.service.js';
import { ReactionsController } from './reactions.controller.js';
import { ReactionsService } from './reactions.service.js';
import { StoredConversations } from './stored-conversations.js';

@Module({
  imports: [ReceiptsModule, UsersModule],
  controllers: [MessagesController, MessageChangesController, ReactionsController],
  providers: [
    MessagesService,
    MessageChangesService,
    ReactionsService,
    MessageBatchWriter,
    MessageStore,
    DirectConversations,
    StoredConversations,
  ],
  exports: [MessagesService, DirectConversations, StoredConversations],
})
export class MessagesModule {}
