import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Resolver, Subscription } from '@nestjs/graphql';
import { MessageReceivedArgs } from '../chat/chat.args.js';
import { Message } from '../chat/chat.types.js';
import { CurrentUser } from '../graphql/current-user.decorator.js';
import { FeedStreams } from './feed-streams.js';
import { EventsArgs, StreamEvent } from './stream-event.types.js';

const ABOUT_EVENTS =
  "Everything durable that happens in the user's conversations, their own doing on other devices included, in order within each conversation, each event once. The first item is StreamOpened. With `after` (the last cursor the client saw) every event missed since then comes first, then the live ones, with nothing lost or repeated between the two. `recovered: false` says that the missed part is older than the retention, and that the client must load its state afresh. A cursor that is none or was altered: BAD_USER_INPUT; it is a position and gives no right by itself. Open first, then load, then drop what is not newer by seq: everything accepted after StreamOpened comes, something accepted just before may come too.";

@Resolver()
export class EventsResolver {
  constructor(private readonly streams: FeedStreams) {}

  @Subscription(() => StreamEvent, { description: ABOUT_EVENTS })
  events(@Args() { after }: EventsArgs, @CurrentUser() user: AuthenticatedUser) {
    return this.streams.events(user, after ?? null);
  }

  @Subscription(() => Message, {
    description:
      "A live convenience for simple clients: nothing is replayed. New messages, the user's own included; without conversationId, of all conversations.",
  })
  messageReceived(@Args() { conversationId }: MessageReceivedArgs, @CurrentUser() user: AuthenticatedUser) {
    return this.streams.messages(user, conversationId?.toLowerCase() ?? null);
  }
}
