import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Resolver, Subscription } from '@nestjs/graphql';
import { MessageReceivedArgs } from '../chat/chat.args.js';
import { Message } from '../chat/chat.types.js';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { CurrentUser, Ended, LiveBudget } from '../graphql/parameters.js';
import { MessageSubscriptions } from './message-subscriptions.js';
import { EventSubscriptions } from './event-subscriptions.js';
import { EventsArgs, StreamEvent } from './stream-event.types.js';

const EVENTS =
  "All durable events in the conversations of the current user, including the user's own actions on other devices, in order within each conversation, each event once. The first item is StreamOpened. With `after` (the last cursor that the client received) all events missed since then come first, then the live events, and none is lost or repeated in between. `recovered: false` means that the missed events are older than the retention, and that the client must reload its state. An invalid or altered cursor is BAD_USER_INPUT. A cursor is a position and grants no access. Subscribe first, then load, then discard events that are not newer by seq: every event accepted after StreamOpened is delivered, and an event accepted just before it may be delivered, too. A replayed message has its current state: edited, or a tombstone.";
const MESSAGE_RECEIVED =
  'New messages, including those of the current user; without `conversationId`, of all conversations. messageReceived, notificationReceived and presenceChanged are for simple clients: they are live only, and nothing is replayed.';

@Resolver()
export class EventsResolver {
  constructor(
    private readonly eventSubscriptions: EventSubscriptions,
    private readonly messageSubscriptions: MessageSubscriptions,
  ) {}

  @Subscription(() => StreamEvent, { description: EVENTS })
  events(
    @Args() { after }: EventsArgs,
    @CurrentUser() user: AuthenticatedUser,
    @LiveBudget() budget: ByteBudget,
    @Ended() ended: AbortSignal,
  ) {
    return this.eventSubscriptions.open(user, after ?? null, budget, ended);
  }

  @Subscription(() => Message, { description: MESSAGE_RECEIVED })
  messageReceived(
    @Args() { conversationId }: MessageReceivedArgs,
    @CurrentUser() user: AuthenticatedUser,
    @LiveBudget() budget: ByteBudget,
    @Ended() ended: AbortSignal,
  ) {
    return this.messageSubscriptions.open(user, conversationId ?? null, budget, ended);
  }
}
