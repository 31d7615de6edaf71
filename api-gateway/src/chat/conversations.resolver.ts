import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { PageArgs } from '../graphql/page.args.js';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { SignedIn } from '../graphql/signed-in.decorator.js';
import { ChatClient } from '../services/chat.client.js';
import { ConversationArgs, MarkConversationArgs } from './chat.args.js';
import { Conversation, PaginatedConversations } from './chat.types.js';

type Later = 'lastMessage' | 'lastMessageAt' | 'lastSeq' | 'unreadCount';

/** A field that an event does not carry: as it is now, for this viewer; as at creation when that cannot be had. */
function asItIsNow<K extends Later>(
  conversation: Conversation,
  field: K,
  context: GraphqlContext,
): Conversation[K] | Promise<Conversation[K]> {
  if (!conversation.present) return conversation[field];
  context.isViewerDependent = true;
  return conversation.present().then((present) => (present ?? conversation)[field]);
}

@Resolver(() => Conversation)
export class ConversationsResolver {
  constructor(private readonly chat: ChatClient) {}

  @Query(() => PaginatedConversations)
  getConversations(@Args() { page, limit }: PageArgs, @SignedIn() caller: AuthenticatedUser): Promise<PaginatedConversations> {
    return this.chat.getConversations(page, limit, caller.token);
  }

  @Query(() => Conversation)
  getConversation(@Args() { conversationId }: ConversationArgs, @SignedIn() caller: AuthenticatedUser): Promise<Conversation> {
    return this.chat.getConversation(conversationId, caller.token);
  }

  @Mutation(() => Conversation, {
    description:
      "Only ever forward: a lower seq changes nothing, one above lastSeq counts as lastSeq. Reading also reads the conversation's notifications.",
  })
  markConversationAsRead(
    @Args() { conversationId, seq }: MarkConversationArgs,
    @SignedIn() caller: AuthenticatedUser,
  ): Promise<Conversation> {
    return this.chat.markConversationAsRead(conversationId, seq, caller.token);
  }

  @ResolveField()
  participants(conversation: Conversation): string[] {
    return conversation.members.map((member) => member.userId);
  }

  @ResolveField()
  lastMessage(conversation: Conversation, _args: unknown, context: GraphqlContext) {
    return asItIsNow(conversation, 'lastMessage', context);
  }

  @ResolveField()
  lastMessageAt(conversation: Conversation, _args: unknown, context: GraphqlContext) {
    return asItIsNow(conversation, 'lastMessageAt', context);
  }

  @ResolveField()
  lastSeq(conversation: Conversation, _args: unknown, context: GraphqlContext) {
    return asItIsNow(conversation, 'lastSeq', context);
  }

  @ResolveField()
  unreadCount(conversation: Conversation, _args: unknown, context: GraphqlContext) {
    return asItIsNow(conversation, 'unreadCount', context);
  }
}
