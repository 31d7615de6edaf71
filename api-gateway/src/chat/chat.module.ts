import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { BlocksResolver } from './blocks.resolver.js';
import { ConversationMembersResolver } from './conversation-members.resolver.js';
import { ConversationsResolver } from './conversations.resolver.js';
import { GroupsResolver } from './groups.resolver.js';
import { MembersLoader } from './members-loader.js';
import { MessageChangesResolver } from './message-changes.resolver.js';
import { MessagesResolver } from './messages.resolver.js';
import { ReactionsResolver } from './reactions.resolver.js';
import { SearchResolver } from './search.resolver.js';

/** Conversations, messages, receipts and the search. chat-service has the rules. */
@Module({
  imports: [ClientsModule],
  providers: [
    ConversationsResolver,
    ConversationMembersResolver,
    GroupsResolver,
    MembersLoader,
    MessagesResolver,
    MessageChangesResolver,
    ReactionsResolver,
    SearchResolver,
    BlocksResolver,
  ],
})
export class ChatModule {}
