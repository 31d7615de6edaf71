import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { ConversationUpdatedResolver, MembersChangedResolver } from './conversation-events.resolver.js';
import { DeliveredReceipts } from './delivered-receipts.js';
import { EventsResolver } from './events.resolver.js';
import { FeedEnd } from './feed-end.js';
import { LiveDecoder } from './live-decoder.js';
import { MessageSubscriptions } from './message-subscriptions.js';
import { EventSubscriptions } from './event-subscriptions.js';
import { SharedConversations } from './shared-conversations.js';
import { TypingStates } from './typing-states.js';
import { TypingSubscriptions } from './typing-subscriptions.js';
import { TypingResolver } from './typing.resolver.js';

/** The resumable event stream. */
@Module({
  imports: [ClientsModule],
  providers: [
    FeedEnd,
    SharedConversations,
    LiveDecoder,
    DeliveredReceipts,
    EventSubscriptions,
    MessageSubscriptions,
    EventsResolver,
    TypingStates,
    TypingSubscriptions,
    TypingResolver,
    ConversationUpdatedResolver,
    MembersChangedResolver,
  ],
  exports: [DeliveredReceipts],
})
export class StreamsModule {}
