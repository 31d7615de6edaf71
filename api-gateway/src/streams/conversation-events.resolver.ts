import { ResolveField, Resolver } from '@nestjs/graphql';
import type { Conversation } from '../chat/chat.types.js';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { ConversationUpdatedEvent, MembersChangedEvent } from './stream-event.types.js';

/** The conversation of an event as it is now, for the current user: the event itself has only what was changed. */
async function conversationOf<T>(event: { loadConversation(): Promise<T> }, context: GraphqlContext): Promise<T> {
  context.isMemberDependent = true;
  try {
    return await event.loadConversation();
  } catch (error) {
    context.streamFailure = error;
    throw error;
  }
}

@Resolver(() => ConversationUpdatedEvent)
export class ConversationUpdatedResolver {
  @ResolveField()
  conversation(event: ConversationUpdatedEvent, _args: unknown, context: GraphqlContext): Promise<Conversation> {
    return conversationOf(event, context);
  }
}

@Resolver(() => MembersChangedEvent)
export class MembersChangedResolver {
  @ResolveField()
  conversation(event: MembersChangedEvent, _args: unknown, context: GraphqlContext): Promise<Conversation | null> {
    return conversationOf(event, context);
  }
}
