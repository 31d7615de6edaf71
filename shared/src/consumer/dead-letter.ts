import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { TopicName } from '../events/index.js';
import { headerText } from '../kafka/event-headers.js';

/**
 * A record that a consumer group has given up, with its origin and the reason, in the topic `<group>.dead-letter`.
 * The topic is compacted by the id of the letter, which is the position of the record: a letter that is written twice is one letter, and
 * replaying or dropping it writes an empty record over it. Only Kafka is needed to read the letters.
 */
export interface DeadLetter {
  /** `topic:epoch:partition:offset` of the record; the same however often the letter is written. */
  id: string;
  topic: TopicName;
  epoch: number;
  partition: number;
  offset: number;
  reason: string;
  /** RFC 3339, UTC. */
  failedAt: string;
  /** Key, value and headers of the record. */
  key: Buffer | null;
  value: Buffer | null;
  headers: IHeaders;
}

const PREFIX = 'dead-letter-';
const ORIGIN = { topic: `${PREFIX}topic`, epoch: `${PREFIX}epoch`, partition: `${PREFIX}partition`, offset: `${PREFIX}offset` };
const REASON = `${PREFIX}reason`;
const FAILED_AT = `${PREFIX}failed-at`;
const KEY = `${PREFIX}key`;
const WITHOUT_VALUE = `${PREFIX}without-value`;
const MAX_REASON_LENGTH = 400;

/** The record to write to the dead-letter topic. */
export function deadLetterMessage(
  origin: { topic: TopicName; epoch: number; partition: number },
  message: Pick<KafkaMessage, 'key' | 'value' | 'headers' | 'offset'>,
  reason: string,
  now = new Date(),
): Message {
  return {
    key: `${origin.topic}:${origin.epoch}:${origin.partition}:${message.offset}`,
    value: message.value ?? Buffer.alloc(0),
    headers: {
      ...ownHeaders(message.headers),
      [ORIGIN.topic]: origin.topic,
      [ORIGIN.epoch]: String(origin.epoch),
      [ORIGIN.partition]: String(origin.partition),
      [ORIGIN.offset]: message.offset,
      [REASON]: reason.slice(0, MAX_REASON_LENGTH),
      [FAILED_AT]: now.toISOString(),
      ...(message.key ? { [KEY]: message.key } : {}),
      ...(message.value ? {} : { [WITHOUT_VALUE]: 'true' }),
    },
  };
}

/** The headers of the record itself, without those of a letter. Without a prototype, so that a header may have any name. */
function ownHeaders(headers: IHeaders | undefined): IHeaders {
  const own = Object.create(null) as IHeaders;
  for (const [name, value] of Object.entries(headers ?? {})) if (!name.startsWith(PREFIX) && value !== undefined) own[name] = value;
  return own;
}

/** Reads a record of the dead-letter topic; null for an empty one. */
export function readDeadLetter(message: KafkaMessage): DeadLetter | null {
  if (!message.key || !message.value) return null;
  const { headers } = message;
  const key = headers && Object.hasOwn(headers, KEY) ? headers[KEY] : undefined;
  return {
    id: message.key.toString(),
    topic: (headerText(headers, ORIGIN.topic) ?? '') as TopicName,
    epoch: Number(headerText(headers, ORIGIN.epoch)),
    partition: Number(headerText(headers, ORIGIN.partition)),
    offset: Number(headerText(headers, ORIGIN.offset)),
    reason: headerText(headers, REASON) ?? '',
    failedAt: headerText(headers, FAILED_AT) ?? '',
    key: key === undefined ? null : Buffer.from((Array.isArray(key) ? key[0] : key) ?? ''),
    value: headerText(headers, WITHOUT_VALUE) === 'true' ? null : message.value,
    headers: ownHeaders(headers),
  };
}
