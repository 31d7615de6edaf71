import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { ConversationMembersResolver } from './conversation-members.resolver.js';
import { ConversationsResolver } from './conversations.resolver.js';
import { MessageChangesResolver } from './message-changes.resolver.js';
import { MessagesResolver } from './messages.resolver.js';

/** Conversations, messages and receipts. chat-service has the rules. */
@Module({
  imports: [ClientsModule],
  providers: [ConversationsResolver, ConversationMembersResolver, MessagesResolver, MessageChangesResolver],
})
export class ChatModule {}
