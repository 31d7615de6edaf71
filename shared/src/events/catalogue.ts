import type { EventPayloads, EventType } from './event-types.generated.js';

/** The topics: one for each aggregate, so that its events keep their order, and chat.membership beside chat.conversation. */
export type TopicName = 'auth.user' | 'chat.conversation' | 'chat.membership' | 'chat.user' | 'profile.profile';

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
  // Repeats the events of chat.conversation that change members, so that a service that needs no messages does not read them. Kept for ever: a
  // new consumer group needs every conversation.
  'chat.membership': { key: 'conversationId', owner: 'chat-service', partitions: 4, retentionMs: -1, cleanup: 'delete' },
  // Kept for ever: a new consumer group needs every block.
  'chat.user': { key: 'userId', owner: 'chat-service', partitions: 4, retentionMs: -1, cleanup: 'delete' },
  'profile.profile': { key: 'userId', owner: 'profile-service', partitions: 4, retentionMs: -1, cleanup: 'compact' },
};

/**
 * The topics of every event, with the same key and owner. A new `.avsc` does not compile until it has its line here. An event may
 * have the same id on all its topics, so a consumer group consumes only one of them: on a second one, it would have handled the event already.
 */
export const EVENT_TOPICS: Record<EventType, readonly [TopicName, ...TopicName[]]> = {
  UserRegistered: ['auth.user'],
  SignedInFromNewDevice: ['auth.user'],
  UserDeleted: ['auth.user'],
  ConversationCreated: ['chat.conversation', 'chat.membership'],
  ConversationUpdated: ['chat.conversation'],
  MembersChanged: ['chat.conversation', 'chat.membership'],
  MessageCreated: ['chat.conversation'],
  MessageUpdated: ['chat.conversation'],
  MessageDeleted: ['chat.conversation'],
  ReactionsChanged: ['chat.conversation'],
  ReceiptsAdvanced: ['chat.conversation'],
  ConversationMuted: ['chat.conversation'],
  UserBlocked: ['chat.user'],
  UserUnblocked: ['chat.user'],
  ProfileUpdated: ['profile.profile'],
  ProfileDeleted: ['profile.profile'],
};

/** The Avro namespace of every event. */
export const EVENT_NAMESPACE = 'chat.events';

/** Whether this build knows an event of this name. */
export function isEventType(name: string): name is EventType {
  return Object.hasOwn(EVENT_TOPICS, name);
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
