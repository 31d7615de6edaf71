import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ChatClient } from '../clients/chat.client.js';
import { type MediaAssetType, toAsset } from '../files/files.types.js';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { PageArgs } from '../graphql/pages.js';
import { CurrentUser } from '../graphql/parameters.js';
import { ConversationArgs, MarkConversationArgs, MuteConversationArgs } from './chat.args.js';
import { Conversation, type ConversationMember, PaginatedConversations } from './chat.types.js';
import { MembersLoader } from './members-loader.js';

type CurrentField = 'picture' | 'lastMessage' | 'lastMessageAt' | 'lastSeq' | 'unreadCount' | 'mutedUntil';

/** The same for all members: the newest message of a conversation is the newest one of all, even of those that do not see it. */
const MEMBER_FIELDS: ReadonlySet<CurrentField> = new Set<CurrentField>(['lastSeq', 'picture']);

/** A field that an event may not have: its current value for the current user, or the value at creation if that cannot be loaded. */
function currentValue<K extends CurrentField>(
  conversation: Conversation,
  field: K,
  context: GraphqlContext,
): Conversation[K] | Promise<Conversation[K]> {
  if (conversation.loadCurrent || conversation.isOfEvent)
    context[MEMBER_FIELDS.has(field) ? 'isMemberDependent' : 'isUserDependent'] = true;
  if (!conversation.loadCurrent) return conversation[field];
  return conversation.loadCurrent().then((current) => (current ?? conversation)[field]);
}

@Resolver(() => Conversation)
export class ConversationsResolver {
  constructor(
    private readonly chat: ChatClient,
    private readonly membersLoader: MembersLoader,
  ) {}

  @Query(() => PaginatedConversations, { description: 'The conversations of the current user, the most recently active first.' })
  getConversations(@Args() { page, limit }: PageArgs, @CurrentUser() user: AuthenticatedUser): Promise<PaginatedConversations> {
    return this.chat.getConversations(page, limit, user.token);
  }

  @Query(() => Conversation, { description: 'NOT_FOUND if the current user is not a member.' })
  getConversation(@Args() { conversationId }: ConversationArgs, @CurrentUser() user: AuthenticatedUser): Promise<Conversation> {
    return this.chat.getConversation(conversationId, user.token);
  }

  @Mutation(() => Conversation, {
    description:
      'The read position only increases: a lower seq changes nothing, and a seq above lastSeq counts as lastSeq. Notifications of the conversation are marked as read, too.',
  })
  markConversationAsRead(
    @Args() { conversationId, seq }: MarkConversationArgs,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<Conversation> {
    return this.chat.markConversationAsRead(conversationId, seq, user.token);
  }

  @Mutation(() => Boolean, { description: 'Confirms that a device has received all messages up to and including seq.' })
  async markConversationAsDelivered(
    @Args() { conversationId, seq }: MarkConversationArgs,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<boolean> {
    await this.chat.markConversationAsDelivered(conversationId, seq, user.token);
    return true;
  }

  @Mutation(() => Conversation, {
    description:
      '`until: null` unmutes the conversation; a time that is not in the future, or more than 100 years away, is BAD_USER_INPUT. Its messages arrive and count as unread, but notify the current user of nothing.',
  })
  muteConversation(@Args() { conversationId, until }: MuteConversationArgs, @CurrentUser() user: AuthenticatedUser): Promise<Conversation> {
    return this.chat.muteConversation(conversationId, until?.toISOString() ?? null, user.token);
  }

  @ResolveField()
  async participants(conversation: Conversation, _args: unknown, context: GraphqlContext): Promise<string[]> {
    return (await this.membersLoader.membersOf(conversation, context)).map((member) => member.userId);
  }

  @ResolveField()
  members(conversation: Conversation, _args: unknown, context: GraphqlContext): Promise<ConversationMember[]> {
    return this.membersLoader.membersOf(conversation, context);
  }

  @ResolveField()
  async picture(conversation: Conversation, _args: unknown, context: GraphqlContext): Promise<MediaAssetType | null> {
    // Two users have no picture of their conversation, so nothing is loaded for it.
    const picture = conversation.kind === 'GROUP' ? await currentValue(conversation, 'picture', context) : null;
    return picture ? toAsset(picture) : null;
  }

  @ResolveField()
  lastMessage(conversation: Conversation, _args: unknown, context: GraphqlContext) {
    return currentValue(conversation, 'lastMessage', context);
  }

  @ResolveField()
  lastMessageAt(conversation: Conversation, _args: unknown, context: GraphqlContext) {
    return currentValue(conversation, 'lastMessageAt', context);
  }

  @ResolveField()
  lastSeq(conversation: Conversation, _args: unknown, context: GraphqlContext) {
    return currentValue(conversation, 'lastSeq', context);
  }

  @ResolveField()
  unreadCount(conversation: Conversation, _args: unknown, context: GraphqlContext) {
    return currentValue(conversation, 'unreadCount', context);
  }

  @ResolveField()
  mutedUntil(conversation: Conversation, _args: unknown, context: GraphqlContext) {
    return currentValue(conversation, 'mutedUntil', context);
  }
}
