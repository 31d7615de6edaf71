import type { EventPayloads } from '@chat/shared/events';
import { type Conversation, MessageChanges } from './events.js';
import type { TestFeed } from './use-feed.js';

/** One random change of a group, by numbers from 0 to 1, so that it can be made in several feeds. */
export interface RandomChange {
  kind: number;
  who: number;
  which: number;
}

const DAY_MS = 86_400_000;

/** A group in a feed, to which random changes are made. */
export class ChangingGroup {
  readonly #messages: MessageChanges[] = [];
  #present: string[];

  constructor(
    private readonly feed: TestFeed,
    private readonly conversation: Conversation,
  ) {
    this.#present = [...conversation.members];
    conversation.create();
  }

  change({ kind, who, which }: RandomChange): void {
    const { conversation } = this;
    const user = of(this.#present, who);
    const message = of(this.#messages, which);
    if (kind < 0.45 || !message) this.#send(user);
    else if (kind < 0.6) conversation.read(user, Math.ceil(which * conversation.lastSeq));
    else if (kind < 0.7) message.edit(`edited ${which}`);
    else if (kind < 0.8) this.#delete(message);
    else if (kind < 0.9) conversation.mute(user, which < 0.5 ? new Date(Date.now() + DAY_MS).toISOString() : null);
    else this.#changeMembers(of(conversation.members.slice(1), who));
  }

  #send(userId: string): void {
    const { payload } = this.conversation.send(userId) as { payload: EventPayloads['MessageCreated'] };
    this.#messages.push(new MessageChanges(this.feed.write, payload));
  }

  /** A deleted message changes no more. */
  #delete(message: MessageChanges): void {
    message.delete();
    this.#messages.splice(this.#messages.indexOf(message), 1);
  }

  /** The first member stays. */
  #changeMembers(userId: string): void {
    const isPresent = this.#present.includes(userId);
    this.conversation.changeMembers(isPresent ? { removed: [userId] } : { added: [userId] });
    this.#present = isPresent ? this.#present.filter((id) => id !== userId) : [...this.#present, userId];
  }
}

function of<T>(items: T[], share: number): T {
  return items[Math.floor(share * items.length)]!;
}
