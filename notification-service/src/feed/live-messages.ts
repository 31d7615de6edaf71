import { liveTextOf, type Notification } from '@chat/shared/contracts';
import { channels, publishOnPrimary } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import type { RecordedEvent } from './feed-event.js';
import { OutputBudget } from './output-budget.js';

/** The size of one pipeline: enough to make the round trip cheap, little enough to be held in memory on both sides. */
const CHARACTERS_PER_PIPELINE = 2 ** 20;
/** Redis does nothing else while it executes a command: so many channels take it about a millisecond. */
const CHANNELS_PER_COMMAND = 500;
const CHARACTERS_PER_COMMAND = 2 ** 18;

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
/** Publishes each second argument on the channel before it. Redis takes no more than it passes on, so its subscribers are not left behind. */
const PUBLISH_PAIRS = `for i = 1, #ARGV, 2 do redis.call('PUBLISH', ARGV[i], ARGV[i + 1]) end`;

/** The budgets of the connections for PUBLISH_TO_ALL. */
const budgets = new WeakMap<Redis, OutputBudget>();

interface Command {
  script: string;
  texts: string[];
}

/** Publishes in this order; resolves when Redis has acknowledged everything. */
export async function publishAll(redis: Redis, items: (RecordedEvent | LiveMessage)[]): Promise<void> {
  const budget = budgets.get(redis) ?? new OutputBudget();
  budgets.set(redis, budget);
  let pipeline = redis.pipeline();
  let characters = 0;
  for (const { script, texts } of commandsOf(items, budget)) {
    pipeline.eval(script, 0, ...texts);
    for (const text of texts) characters += text.length;
    if (characters < CHARACTERS_PER_PIPELINE) continue;
    await publishOnPrimary(pipeline);
    pipeline = redis.pipeline();
    characters = 0;
  }
  if (pipeline.length > 0) await publishOnPrimary(pipeline);
}

/** Commands for each event that the budget has room for, and one for all that is between two of these. */
function* commandsOf(items: (RecordedEvent | LiveMessage)[], budget: OutputBudget): Generator<Command> {
  let pairs: string[] = [];
  let characters = 0;
  for (const item of items) {
    const isMessage = 'channel' in item;
    if (!isMessage && item.audience.length === 0) continue;
    const text = isMessage ? item.text : liveTextOf(item.event);
    const names = isMessage ? [item.channel] : item.audience.map(channels.user);
    if (!isMessage && budget.take(Buffer.byteLength(text) * names.length)) {
      if (pairs.length > 0) yield { script: PUBLISH_PAIRS, texts: pairs };
      [pairs, characters] = [[], 0];
      for (let n = 0; n < names.length; n += CHANNELS_PER_COMMAND)
        yield { script: PUBLISH_TO_ALL, texts: [text, ...names.slice(n, n + CHANNELS_PER_COMMAND)] };
      continue;
    }
    for (const name of names) {
      pairs.push(name, text);
      characters += text.length;
      if (pairs.length < 2 * CHANNELS_PER_COMMAND && characters < CHARACTERS_PER_COMMAND) continue;
      yield { script: PUBLISH_PAIRS, texts: pairs };
      [pairs, characters] = [[], 0];
    }
  }
  if (pairs.length > 0) yield { script: PUBLISH_PAIRS, texts: pairs };
}
