import type { EventPayloads, EventType } from './event-types.generated.js';

/** The topics: one for each aggregate, so that its events keep their order. */
export type TopicName = 'auth.user' | 'chat.conversation' | 'profile.profile';

/** The owner, the key and the retention of a topic. */
export interface TopicDescription {
  /** The field of the payload that is the key: records of one key keep their order. */
  key: string;
  /** The only service that publishes on it. */
  owner: string;
  /** The number of partitions of a new topic. Do not change it on a running system: keys would move (see docs/events.md). */
  partitions: number;
  /** How long records are kept; -1: for ever. */
  retentionMs: number;
  /** `compact` keeps at least the newest record of each key, so only for events that tell the whole state. */
  cleanup: 'delete' | 'compact';
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Every topic, with its owner and its retention. `provisionKafka` creates them. */
export const TOPICS: Record<TopicName, TopicDescription> = {
  // Kept for ever: a new consumer group needs every user.
  'auth.user': { key: 'userId', owner: 'auth-service', partitions: 4, retentionMs: -1, cleanup: 'delete' },
  // notification-service keeps the feed in its own tables for the same time.
  'chat.conversation': { key: 'conversationId', owner: 'chat-service', partitions: 4, retentionMs: 30 * DAY_MS, cleanup: 'delete' },
  'profile.profile': { key: 'userId', owner: 'profile-service', partitions: 4, retentionMs: -1, cleanup: 'compact' },
};

/** The topic of every event. A new `.avsc` does not compile until it has its line here. */
export const EVENT_TOPICS: Record<EventType, TopicName> = {
  UserRegistered: 'auth.user',
  SignedInFromNewDevice: 'auth.user',
  UserDeleted: 'auth.user',
  ConversationCreated: 'chat.conversation',
  MessageCreated: 'chat.conversation',
  ReceiptsAdvanced: 'chat.conversation',
  ProfileUpdated: 'profile.profile',
  ProfileDeleted: 'profile.profile',
};

/** The Avro namespace of every event. */
export const EVENT_NAMESPACE = 'chat.events';

/** Whether this build knows an event of this name. */
export function isEventType(name: string): name is EventType {
  return Object.hasOwn(EVENT_TOPICS, name);
}

/** The events that are published on a topic. */
export function eventTypesOf(topic: TopicName): EventType[] {
  return (Object.keys(EVENT_TOPICS) as EventType[]).filter((type) => EVENT_TOPICS[type] === topic);
}

/** An event that a service writes to its outbox. */
export type EventToPublish = {
  [T in EventType]: {
    type: T;
    /** The id of the aggregate, see `TOPICS`: events of one key are delivered in the order in which they were written. */
    key: string;
    payload: EventPayloads[T];
    /** By default a new id. Consumers process each event id once. */
    eventId?: string;
  };
}[EventType];
