import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { PageArgs } from '../graphql/page.args.js';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { CurrentUser } from '../graphql/current-user.decorator.js';
import { ChatClient } from '../clients/chat.client.js';
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
  context.isUserDependent = true;
  return conversation.present().then((present) => (present ?? conversation)[field]);
}

@Resolver(() => Conversation)
export class ConversationsResolver {
  constructor(private readonly chat: ChatClient) {}

  @Query(() => PaginatedConversations)
  getConversations(@Args() { page, limit }: PageArgs, @CurrentUser() user: AuthenticatedUser): Promise<PaginatedConversations> {
    return this.chat.getConversations(page, limit, user.token);
  }

  @Query(() => Conversation)
  getConversation(@Args() { conversationId }: ConversationArgs, @CurrentUser() user: AuthenticatedUser): Promise<Conversation> {
    return this.chat.getConversation(conversationId, user.token);
  }

  @Mutation(() => Conversation, {
    description:
      "Only ever forward: a lower seq changes nothing, one above lastSeq counts as lastSeq. Reading also reads the conversation's notifications.",
  })
  markConversationAsRead(
    @Args() { conversationId, seq }: MarkConversationArgs,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<Conversation> {
    return this.chat.markConversationAsRead(conversationId, seq, user.token);
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
