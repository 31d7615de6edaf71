import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Resolver, Subscription } from '@nestjs/graphql';
import { ConversationArgs } from '../chat/chat.args.js';
import { ChatClient } from '../clients/chat.client.js';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { CurrentUser, LiveBudget } from '../graphql/parameters.js';
import { TypingStates } from './typing-states.js';
import { TypingSubscriptions } from './typing-subscriptions.js';
import { SetTypingArgs, Typing } from './typing.types.js';

@Resolver()
export class TypingResolver {
  constructor(
    private readonly chat: ChatClient,
    private readonly states: TypingStates,
    private readonly subscriptions: TypingSubscriptions,
  ) {}

  @Mutation(() => Boolean, {
    description:
      'Tells the other members that the current user is typing, until `false` or until 6 s after the last `true`: repeat it every 3 to 5 s while the user types.',
  })
  async setTyping(@Args() { conversationId, typing }: SetTypingArgs, @CurrentUser() user: AuthenticatedUser): Promise<boolean> {
    await this.states.set(user.userId, conversationId, typing, () => this.chat.setTyping(conversationId, typing, user.token));
    return true;
  }

  @Subscription(() => Typing, { description: 'The other members that begin and end to type, live only.' })
  typingChanged(@Args() { conversationId }: ConversationArgs, @CurrentUser() user: AuthenticatedUser, @LiveBudget() budget: ByteBudget) {
    return this.subscriptions.open(user, conversationId, budget);
  }
}
