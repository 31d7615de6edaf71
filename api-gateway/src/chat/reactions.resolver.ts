import type { AuthenticatedUser } from '@chat/shared/auth';
import { toAppError } from '@chat/shared/errors';
import { Args, Query, ResolveField, Resolver } from '@nestjs/graphql';
import DataLoader from 'dataloader';
import { ChatClient } from '../clients/chat.client.js';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import { CurrentUser } from '../graphql/parameters.js';
import { ReactionUserIdsArgs } from './chat.args.js';
import { PaginatedUserIds, Reaction } from './chat.types.js';

const MAX_PER_CALL = 500;

@Resolver(() => Reaction)
export class ReactionsResolver {
  /** The emojis of the current user, by message. */
  private readonly own = new WeakMap<GraphqlContext, DataLoader<string, string[]>>();

  constructor(private readonly chat: ChatClient) {}

  @Query(() => PaginatedUserIds, {
    description: 'All members that reacted to a message with an emoji, in the order in which they reacted.',
  })
  getReactionUserIds(
    @Args() { messageId, ...query }: ReactionUserIdsArgs,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<PaginatedUserIds> {
    return this.chat.getReactionUserIds(messageId, query, user.token);
  }

  /** An event is delivered to all members: loading this for each of them would cost a call for each. */
  @ResolveField()
  async isMine({ emoji, count, userIds, message }: Reaction, _args: unknown, context: GraphqlContext): Promise<boolean | null> {
    context.isItemUserDependent = true;
    const { user } = context;
    if (!user || !message) return null;
    if (userIds.includes(user.userId)) return true;
    if (userIds.length >= count) return false;
    if (message.isOfEvent) return null;
    return (await this.ownOf(context, user).load(message.id)).includes(emoji);
  }

  private ownOf(context: GraphqlContext, user: AuthenticatedUser): DataLoader<string, string[]> {
    let own = this.own.get(context);
    if (!own) {
      own = new DataLoader((ids) => this.request([...ids], user), { maxBatchSize: MAX_PER_CALL });
      this.own.set(context, own);
    }
    return own;
  }

  private async request(ids: string[], { token }: AuthenticatedUser): Promise<string[][]> {
    const found = await this.chat.getOwnReactions(ids, token).catch((error: unknown) => {
      // During an update: a chat-service of the build before does not have this route, and shows all user ids.
      if (toAppError(error).kind !== 'not-found') throw error;
      return [];
    });
    const emojis = new Map(found.map(({ messageId, emojis: ofMessage }) => [messageId, ofMessage]));
    return ids.map((id) => emojis.get(id) ?? []);
  }
}
