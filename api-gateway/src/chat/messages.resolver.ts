import type { AuthenticatedUser } from '@chat/shared/auth';
import { type MessageStatus, SEND_MESSAGE } from '@chat/shared/contracts';
import { RpcClient, RpcRecord } from '@chat/shared/rpc';
import { Args, Mutation, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { firstValueFrom } from 'rxjs';
import { ChatClient } from '../clients/chat.client.js';
import { withoutNulls } from '../clients/without-nulls.js';
import { type MediaAssetType, toAsset } from '../files/files.types.js';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { CurrentUser } from '../graphql/parameters.js';
import type { ProfileType } from '../profiles/profiles.types.js';
import { CreateMessageInput, MarkMessageArgs, MessageArgs, MessagesArgs } from './chat.args.js';
import { Message, PaginatedMessages, type Reaction } from './chat.types.js';
import { RepliedMessages } from './replied-messages.js';

const GET_MESSAGES =
  'Messages are in ascending order within the page. Without `beforeSeq`, `afterSeq` and `aroundSeq`, `page` 1 has the newest messages. With one of them (more than one is BAD_USER_INPUT) `page` is ignored and the page has the `limit` messages directly before `beforeSeq` or directly after `afterSeq` (both exclusive), or around `aroundSeq` (inclusive, half of the others before it). `total` is the number of messages that the current user may see, tombstones included. Numbered pages shift when new messages arrive; use `beforeSeq` for stable paging to older messages. The cost does not depend on the age of the page.';
const SEND_DESCRIPTION =
  'Sends to a user (`receiverId`; the direct conversation is created if it does not exist) or to a conversation (`conversationId`). Give both only if the conversation is the direct conversation with that user. BAD_USER_INPUT if neither is given, if both do not match, or if the receiver is the current user. Sending marks all earlier messages as read, like markConversationAsRead. A repeated `clientMessageId` returns the existing message in its current state if conversation, content, attachments, reply and mentions are the same; otherwise it is CONFLICT.';

/** Field resolvers take no decorated parameters, because Nest calls such methods directly, without its parameter pipeline. */
@Resolver(() => Message)
export class MessagesResolver {
  private readonly replies = new WeakMap<GraphqlContext, RepliedMessages>();

  constructor(
    private readonly chat: ChatClient,
    private readonly sends: RpcClient,
  ) {}

  @Query(() => PaginatedMessages, { description: GET_MESSAGES })
  getMessages(@Args() args: MessagesArgs, @CurrentUser() user: AuthenticatedUser): Promise<PaginatedMessages> {
    return this.chat.getMessages(args, user.token);
  }

  @Query(() => Message, { description: 'NOT_FOUND if the current user is not a member of the conversation.' })
  getMessage(@Args() { messageId }: MessageArgs, @CurrentUser() user: AuthenticatedUser): Promise<Message> {
    return this.chat.getMessage(messageId, user.token);
  }

  @Mutation(() => Message, { description: SEND_DESCRIPTION })
  sendMessage(@Args('input') input: CreateMessageInput, @CurrentUser() user: AuthenticatedUser): Promise<Message> {
    return firstValueFrom(this.sends.send(SEND_MESSAGE, new RpcRecord(withoutNulls(input), { token: user.token })));
  }

  @Mutation(() => Message, { description: 'Marks all messages up to and including this one as read, from any sender.' })
  markMessageAsRead(@Args() { messageId }: MarkMessageArgs, @CurrentUser() user: AuthenticatedUser): Promise<Message> {
    return this.chat.markMessageAsRead(messageId, user.token);
  }

  @ResolveField()
  sender(message: Message, _args: unknown, context: GraphqlContext): Promise<ProfileType | null> {
    return context.profileOf(message.senderId);
  }

  @ResolveField()
  async replyTo(message: Message, _args: unknown, context: GraphqlContext): Promise<Message | null> {
    if (message.replyToId === null) return null;
    const replies = message.replies ?? this.repliesFor(context);
    const found = await replies.load(message.replyToId);
    // In a group, members that joined later do not see earlier messages.
    if (!found?.isVisibleToAll) context.isItemUserDependent = true;
    return found && { ...found, replies, ...(message.isOfEvent ? { isOfEvent: true } : {}) };
  }

  @ResolveField()
  attachments(message: Message): MediaAssetType[] {
    // During an update: a message of the build before has none.
    return (message.attachments ?? []).map(toAsset);
  }

  @ResolveField()
  reactions(message: Message): Reaction[] {
    return message.reactions.map((reaction) => ({ ...reaction, message }));
  }

  @ResolveField()
  status(message: Message, _args: unknown, context: GraphqlContext): MessageStatus | Promise<MessageStatus> {
    return message.loadReceipt ? loadReceipt(message, context).then(({ status }) => status) : message.status;
  }

  @ResolveField()
  readAt(message: Message, _args: unknown, context: GraphqlContext): string | null | Promise<string | null> {
    return message.loadReceipt ? loadReceipt(message, context).then(({ readAt }) => readAt) : message.readAt;
  }

  private repliesFor(context: GraphqlContext): RepliedMessages {
    let replies = this.replies.get(context);
    if (!replies) this.replies.set(context, (replies = new RepliedMessages(this.chat, context.user!.token)));
    return replies;
  }
}

/** Of an event. What a user gets that does not see the message any more is not for the members. */
async function loadReceipt(message: Message, context: GraphqlContext): Promise<Pick<Message, 'status' | 'readAt'>> {
  const receipt = await message.loadReceipt!();
  if (!receipt) context.isItemUserDependent = true;
  return receipt ?? message;
}
