import type { EventPayloads, EventType } from './event-types.generated.js';

/** The topics of the system: one per aggregate, so that everything about it keeps its order. */
export type TopicName = 'auth.user' | 'chat.conversation' | 'profile.profile';

export interface TopicDescription {
  /** The field of the payload that is the key: records of one key keep their order. */
  key: string;
  /** The only service that announces on it. */
  owner: string;
  /** How many partitions a new topic gets. Never change it on a running system: keys would move (see docs/events.md). */
  partitions: number;
  /** How long records are kept; -1: for ever. */
  retentionMs: number;
  /** `compact` keeps at least the newest record of each key, so only for events that tell the whole state. */
  cleanup: 'delete' | 'compact';
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Every topic, with its owner and how it is kept. `provisionKafka` makes them; nothing else does. */
export const TOPICS: Record<TopicName, TopicDescription> = {
  // Kept for ever: a new consumer group must learn of everyone who ever registered.
  'auth.user': { key: 'userId', owner: 'auth-service', partitions: 4, retentionMs: -1, cleanup: 'delete' },
  // The feed keeps what it needs in its own tables for as long as this, see notification-service.
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

export function isEventType(name: string): name is EventType {
  return Object.hasOwn(EVENT_TOPICS, name);
}

/** The events that are announced on a topic. */
export function eventTypesOf(topic: TopicName): EventType[] {
  return (Object.keys(EVENT_TOPICS) as EventType[]).filter((type) => EVENT_TOPICS[type] === topic);
}

/** What a service hands to the outbox. */
export type EventToPublish = {
  [T in EventType]: {
    type: T;
    /** The aggregate's id, see `TOPICS`: events of one key arrive in the order in which they were written. */
    key: string;
    payload: EventPayloads[T];
    /** Default: a new id. Consumers take an event id once, however often it comes. */
    eventId?: string;
  };
}[EventType];
