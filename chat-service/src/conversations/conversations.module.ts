import { Module } from '@nestjs/common';
import { BlocksModule } from '../blocks/blocks.module.js';
import { MessagesModule } from '../messages/messages.module.js';
import { ReceiptsModule } from '../receipts/receipts.module.js';
import { UsersModule } from '../users/users.module.js';
import { ConversationsController } from './conversations.controller.js';
import { ConversationQueries } from './conversations.queries.js';
import { ConversationsService } from './conversations.service.js';
import { GroupCreationService } from './group-creation.service.js';
import { GroupPictures } from './group-pictures.js';
import { GroupTransactions } from './group-transactions.js';
import { GroupsController } from './groups.controller.js';
import { GroupsService } from './groups.service.js';
import { MembershipBackfill } from './membership-backfill.js';
import { MutesController } from './mutes.controller.js';
import { MutesService } from './mutes.service.js';

@Module({
  imports: [BlocksModule, MessagesModule, ReceiptsModule, UsersModule],
  controllers: [ConversationsController, GroupsController, MutesController],
  providers: [
    ConversationsService,
    ConversationQueries,
    GroupTransactions,
    GroupPictures,
    GroupCreationService,
    GroupsService,
    MutesService,
    MembershipBackfill,
  ],
})
export class ConversationsModule {}
