import type { AuthenticatedUser } from '@chat/shared/auth';
import type { Typing as TypingText } from '@chat/shared/contracts';
import { LOGGER, type Log } from '@chat/shared/observability';
import { channels, LiveChannels } from '@chat/shared/realtime';
import { Inject, Injectable } from '@nestjs/common';
import { ChatClient } from '../clients/chat.client.js';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { closable, LiveQueue } from '../graphql/live-queue.js';
import { TypingMembers } from './typing-members.js';
import type { Typing } from './typing.types.js';

/** An item of the GraphQL subscription. */
export interface TypingItem {
  typingChanged: Typing;
}

/** The subscriptions `typingChanged`: live only. */
@Injectable()
export class TypingSubscriptions {
  constructor(
    private readonly live: LiveChannels,
    private readonly chat: ChatClient,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  /** The other members of the conversation that begin and end to type. NOT_FOUND for a user that is not a member. */
  async open(user: AuthenticatedUser, conversationId: string, budget: ByteBudget): Promise<AsyncGenerator<TypingItem, void>> {
    await this.chat.getConversation(conversationId, user.token);
    const queue = new LiveQueue<TypingItem>(budget);
    const members = new TypingMembers((userId, typing) => queue.push({ typingChanged: { conversationId, userId, typing } }));
    const unsubscribe = await this.live.subscribe(channels.typing(conversationId), (text) => {
      const typing = this.parse(text);
      if (typing && typing.userId !== user.userId) members.receive(typing);
    });
    return closable(queue.items(), () => {
      unsubscribe();
      members.close();
      queue.close();
    });
  }

  private parse(text: string): TypingText | null {
    try {
      return JSON.parse(text) as TypingText;
    } catch (error) {
      this.logger.error({ error }, 'a live typing is not valid JSON');
      return null;
    }
  }
}
