import type { AuthenticatedUser } from '@chat/shared/auth';
import type { Typing as TypingText } from '@chat/shared/contracts';
import { LOGGER, type Log } from '@chat/shared/observability';
import { channels, LiveChannels } from '@chat/shared/realtime';
import { Inject, Injectable } from '@nestjs/common';
import { ChatClient } from '../clients/chat.client.js';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { closable, LiveQueue } from '../graphql/live-queue.js';
import { LiveDecoder } from './live-decoder.js';
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
    private readonly decoder: LiveDecoder,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  /**
   * The other members of the conversation that begin and end to type. NOT_FOUND for a user that is not a member; it ends when the user is removed
   * from the conversation.
   */
  async open(user: AuthenticatedUser, conversationId: string, budget: ByteBudget): Promise<AsyncGenerator<TypingItem, void>> {
    const queue = new LiveQueue<TypingItem>(budget);
    // Before the membership is checked: a removal in between ends the subscription.
    const unsubscribeUser = await this.live.subscribe(channels.user(user.userId), (text) => {
      if (this.isRemoval(text, conversationId, user.userId)) queue.close();
    });
    try {
      await this.chat.getConversation(conversationId, user.token);
    } catch (error) {
      unsubscribeUser();
      throw error;
    }
    const members = new TypingMembers((userId, typing) => queue.push({ typingChanged: { conversationId, userId, typing } }));
    const unsubscribe = await this.live.subscribe(channels.typing(conversationId), (text) => {
      const typing = this.parse(text);
      if (typing && typing.userId !== user.userId) members.receive(typing);
    });
    return closable(queue.items(), () => {
      unsubscribe();
      unsubscribeUser();
      members.close();
      queue.close();
    });
  }

  private isRemoval(text: string, conversationId: string, userId: string): boolean {
    const event = this.decoder.decode(text);
    return event?.type === 'MembersChanged' && event.conversationId === conversationId && event.payload.removed.includes(userId);
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
