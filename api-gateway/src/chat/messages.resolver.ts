import type { AuthenticatedUser } from '@chat/shared/auth';
import type { MessageStatus } from '@chat/shared/contracts';
import { Args, Mutation, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { CurrentUser } from '../graphql/current-user.decorator.js';
import type { ProfileType } from '../profiles/profile.types.js';
import { ChatClient } from '../clients/chat.client.js';
import { CreateMessageInput, MarkMessageArgs, MessageArgs, MessagesArgs } from './chat.args.js';
import { Message, PaginatedMessages } from './chat.types.js';

const ABOUT_PAGES =
  'Ascending inside the page. Without a *Seq argument: `page` 1 is the newest. With one of them (more is BAD_USER_INPUT) `page` plays no part: the `limit` messages just before beforeSeq, just after afterSeq (both exclusive), or around aroundSeq (itself included, half of the others before it). `total` is the number of messages that the user may see, tombstones included. Numbered pages move while people write; beforeSeq is the stable way back. Cost does not depend on how far back the page is.';

/** Field resolvers take no decorated parameters: Nest then calls them directly. */
@Resolver(() => Message)
export class MessagesResolver {
  constructor(private readonly chat: ChatClient) {}

  @Query(() => PaginatedMessages, { description: ABOUT_PAGES })
  getMessages(@Args() args: MessagesArgs, @CurrentUser() user: AuthenticatedUser): Promise<PaginatedMessages> {
    return this.chat.getMessages(args, user.token);
  }

  @Query(() => Message)
  getMessage(@Args() { messageId }: MessageArgs, @CurrentUser() user: AuthenticatedUser): Promise<Message> {
    return this.chat.getMessage(messageId, user.token);
  }

  @Mutation(() => Message, {
    description:
      'To a person (receiverId; the conversation is made when there is none) or to a conversation; both only if they fit. Neither, both that do not fit, or oneself: BAD_USER_INPUT. Sending reads everything before it, as markConversationAsRead does. The same clientMessageId again: that message, as it is now; with anything else changed: CONFLICT.',
  })
  sendMessage(@Args('input') input: CreateMessageInput, @CurrentUser() user: AuthenticatedUser): Promise<Message> {
    return this.chat.sendMessage(input, user.token);
  }

  @Mutation(() => Message, { description: 'Reads everything up to this message, whoever sent it.' })
  markMessageAsRead(@Args() { messageId }: MarkMessageArgs, @CurrentUser() user: AuthenticatedUser): Promise<Message> {
    return this.chat.markMessageAsRead(messageId, user.token);
  }

  @ResolveField()
  sender(message: Message, _args: unknown, context: GraphqlContext): Promise<ProfileType | null> {
    return context.profileOf(message.senderId);
  }

  @ResolveField()
  status(message: Message): MessageStatus | Promise<MessageStatus> {
    return message.receipt ? message.receipt().then(({ status }) => status) : message.status;
  }

  @ResolveField()
  readAt(message: Message): string | null | Promise<string | null> {
    return message.receipt ? message.receipt().then(({ readAt }) => readAt) : message.readAt;
  }
}
