import { liveTextOf, type Notification } from '@chat/shared/contracts';
import { channels, publishOnPrimary } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import type { RecordedEvent } from './feed-event.js';

/** The size of one pipeline: enough to make the round trip cheap, little enough to be held in memory on both sides. */
const COMMANDS_PER_PIPELINE = 1000;
const CHARACTERS_PER_PIPELINE = 2 ** 20;

/** One Redis message. */
export interface LiveMessage {
  channel: string;
  text: string;
  /** Catching up publishes it again with its message. Another one is in the queue only, and stays there until Redis has acknowledged it. */
  isOfMessage: boolean;
}

export function toLiveMessage(notification: Notification): LiveMessage {
  return {
    channel: channels.notification(notification.userId),
    text: JSON.stringify(notification),
    isOfMessage: notification.type === 'MESSAGE',
  };
}

/** Publishes in this order; resolves when Redis has acknowledged everything. */
export async function publishAll(redis: Redis, items: (RecordedEvent | LiveMessage)[]): Promise<void> {
  let pipeline = redis.pipeline();
  let characters = 0;
  for (const { channel, text } of messagesOf(items)) {
    pipeline.publish(channel, text);
    characters += text.length;
    if (pipeline.length < COMMANDS_PER_PIPELINE && characters < CHARACTERS_PER_PIPELINE) continue;
    await publishOnPrimary(pipeline);
    pipeline = redis.pipeline();
    characters = 0;
  }
  if (pipeline.length > 0) await publishOnPrimary(pipeline);
}

/** One message per user and event; the text of an event is built once. */
function* messagesOf(items: (RecordedEvent | LiveMessage)[]): Generator<Pick<LiveMessage, 'channel' | 'text'>> {
  for (const item of items) {
    if ('channel' in item) yield item;
    else if (item.audience.length > 0) {
      const text = liveTextOf(item.event);
      for (const userId of item.audience) yield { channel: channels.user(userId), text };
    }
  }
}
