import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { ChatClient } from '../clients/chat.client.js';
import { CurrentUser } from '../graphql/parameters.js';
import { EditMessageArgs, MessageArgs, ReactionArgs } from './chat.args.js';
import { Message } from './chat.types.js';

@Resolver()
export class MessageChangesResolver {
  constructor(private readonly chat: ChatClient) {}

  @Mutation(() => Message, {
    description: 'Changes the content of an own message, and sets editedAt. Attachments stay. CONFLICT if the message was deleted.',
  })
  editMessage(@Args() { messageId, content }: EditMessageArgs, @CurrentUser() user: AuthenticatedUser): Promise<Message> {
    return this.chat.editMessage(messageId, content, user.token);
  }

  @Mutation(() => Message, {
    description:
      'The message becomes a tombstone: seq remains; content, earlier versions, attachments, reactions, mentions and the reply link are deleted. For the sender, and in a group for owners and admins. Deleting a deleted message returns the tombstone.',
  })
  deleteMessage(@Args() { messageId }: MessageArgs, @CurrentUser() user: AuthenticatedUser): Promise<Message> {
    return this.chat.deleteMessage(messageId, user.token);
  }

  @Mutation(() => Message, {
    description:
      'Adds a reaction of the current user, once per emoji. `emoji` is exactly one emoji as Unicode defines it (RGI); a message has at most 20 different ones. CONFLICT if the message was deleted.',
  })
  addReaction(@Args() { messageId, emoji }: ReactionArgs, @CurrentUser() user: AuthenticatedUser): Promise<Message> {
    return this.chat.addReaction(messageId, emoji, user.token);
  }

  @Mutation(() => Message, { description: 'Removes a reaction of the current user. CONFLICT if the message was deleted.' })
  removeReaction(@Args() { messageId, emoji }: ReactionArgs, @CurrentUser() user: AuthenticatedUser): Promise<Message> {
    return this.chat.removeReaction(messageId, emoji, user.token);
  }
}
