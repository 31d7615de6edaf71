import type { AuthenticatedUser } from '@chat/shared/auth';
import type { FeedEvent, FeedPosition } from '@chat/shared/contracts';
import { LOGGER, type Log } from '@chat/shared/observability';
import { channels, LiveChannels } from '@chat/shared/realtime';
import { Inject, Injectable } from '@nestjs/common';
import { ChatClient } from '../clients/chat.client.js';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { closable, LiveQueue } from '../graphql/live-queue.js';
import { CurrentStateLoader } from './current-state-loader.js';
import { receivedMessage } from './delivered-receipts.js';
import { FeedEnd, type LiveEvent } from './feed-end.js';
import { LiveDecoder } from './live-decoder.js';
import { StreamItem, toMessage } from './stream-item.js';

/** The subscriptions `messageReceived`: new messages, live only. */
@Injectable()
export class MessageSubscriptions {
  constructor(
    private readonly live: LiveChannels,
    private readonly chat: ChatClient,
    private readonly feedEnd: FeedEnd,
    private readonly decoder: LiveDecoder,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  /** `conversationId` null: of all conversations of the user. */
  async open(
    user: AuthenticatedUser,
    conversationId: string | null,
    budget: ByteBudget,
    ended: AbortSignal,
  ): Promise<AsyncGenerator<StreamItem, void>> {
    if (conversationId !== null) await this.chat.getConversation(conversationId, user.token);
    const queue = new LiveQueue<LiveEvent>(budget);
    const unsubscribe = await this.live.subscribe(channels.user(user.userId), (text) => {
      const event = this.decoder.decode(text);
      if (event?.type !== 'MessageCreated' || (conversationId !== null && event.conversationId !== conversationId)) return;
      queue.push({ event, receivedAt: performance.now() }, text.length);
    });
    return closable(this.itemsOf(queue, user, ended), () => {
      unsubscribe();
      queue.close();
    });
  }

  private async *itemsOf(queue: LiveQueue<LiveEvent>, user: AuthenticatedUser, ended: AbortSignal): AsyncGenerator<StreamItem, void> {
    const newest: FeedPosition = { epoch: 0, offsets: [] };
    for await (const live of queue.items()) {
      const { event } = live;
      if (event.type !== 'MessageCreated' || !(await this.feedEnd.reaches(live, user.token, ended)) || !isNewer(event, newest)) continue;
      const { payload } = event;
      const root = () => {
        const current = new CurrentStateLoader([event], false, this.chat, user.token, this.logger);
        return { messageReceived: toMessage(payload, current, true) };
      };
      yield new StreamItem({ kind: 'messageReceived', root, shared: event, received: receivedMessage(event, user.userId) });
    }
  }
}

/** Stores the position of the event; false when this event, or a later one of its partition, has been there before. */
function isNewer({ epoch, partition, offset }: FeedEvent, newest: FeedPosition): boolean {
  if (epoch < newest.epoch) return false;
  if (epoch > newest.epoch) Object.assign(newest, { epoch, offsets: [] });
  if (offset <= (newest.offsets[partition] ?? -1)) return false;
  newest.offsets[partition] = offset;
  return true;
}
