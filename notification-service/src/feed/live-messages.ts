import { liveTextOf, type Notification } from '@chat/shared/contracts';
import { channels, publishOnPrimary } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import type { RecordedEvent } from './feed-event.js';

/** The size of one pipeline: enough to make the round trip cheap, little enough to be held in memory on both sides. */
const CHARACTERS_PER_PIPELINE = 2 ** 20;
/** Redis does nothing else while it executes a command: so many channels take it about a millisecond. */
const CHANNELS_PER_COMMAND = 500;

/** One Redis message. */
export interface LiveMessage {
  channel: string;
  text: string;
  /** Catching up publishes it again, with its message. Another one is in the queue only, and stays there until Redis has acknowledged it. */
  isRepeatable: boolean;
}

export function toLiveMessage(notification: Notification, isRepeatable = notification.type === 'MESSAGE'): LiveMessage {
  return {
    channel: channels.notification(notification.userId),
    text: JSON.stringify(notification),
    isRepeatable,
  };
}

/**
 * Publishes the first argument on each of the other ones. An event of a group has one text for all its members: it goes to Redis once, in one
 * command. A PUBLISH for each member would cost both sides several times as much.
 */
const PUBLISH_TO_ALL = `for i = 2, #ARGV do redis.call('PUBLISH', ARGV[i], ARGV[1]) end`;
/** Publishes each second argument on the channel before it. */
const PUBLISH_PAIRS = `for i = 1, #ARGV, 2 do redis.call('PUBLISH', ARGV[i], ARGV[i + 1]) end`;

/** Publishes in this order; resolves when Redis has acknowledged everything. */
export async function publishAll(redis: Redis, items: (RecordedEvent | LiveMessage)[]): Promise<void> {
  let pipeline = redis.pipeline();
  let characters = 0;
  for (const { script, texts } of commandsOf(items)) {
    pipeline.eval(script, 0, ...texts);
    for (const text of texts) characters += text.length;
    if (characters < CHARACTERS_PER_PIPELINE) continue;
    await publishOnPrimary(pipeline);
    pipeline = redis.pipeline();
    characters = 0;
  }
  if (pipeline.length > 0) await publishOnPrimary(pipeline);
}

/** A command for each event, and one for the notifications between two events. */
function* commandsOf(items: (RecordedEvent | LiveMessage)[]): Generator<{ script: string; texts: string[] }> {
  let pairs: string[] = [];
  for (const item of items) {
    if ('channel' in item) {
      pairs.push(item.channel, item.text);
      if (pairs.length < 2 * CHANNELS_PER_COMMAND) continue;
    }
    if (pairs.length > 0) yield { script: PUBLISH_PAIRS, texts: pairs };
    pairs = [];
    if (!('channel' in item)) yield* commandsOfEvent(item);
  }
  if (pairs.length > 0) yield { script: PUBLISH_PAIRS, texts: pairs };
}

function* commandsOfEvent({ event, audience }: RecordedEvent): Generator<{ script: string; texts: string[] }> {
  if (audience.length === 0) return;
  const text = liveTextOf(event);
  const userChannels = audience.map(channels.user);
  for (let n = 0; n < userChannels.length; n += CHANNELS_PER_COMMAND)
    yield { script: PUBLISH_TO_ALL, texts: [text, ...userChannels.slice(n, n + CHANNELS_PER_COMMAND)] };
}
