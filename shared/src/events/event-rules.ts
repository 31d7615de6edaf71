import { TOPICS, type TopicName } from './catalogue.js';
import type { EventPayloads, EventType } from './event-types.generated.js';
import {
  anyTime,
  at,
  atLeast,
  eachOnce,
  id,
  membersOf,
  notEmpty,
  oneOf,
  optional,
  type Rules,
  text,
  time,
  validateFields,
} from './field-rules.js';
import { identityRules, messageRules, notToOneself, reactionsOf } from './message-rules.js';

/*
 * What the fields of events mean, beyond their Avro types. A schema says that `seq` is an int and `createdAt` a string; only the rules here
 * say that no message has the seq −5 or was created "yesterday". Every consumer applies them to every event that it wants; an event that
 * breaks one cannot have been published by its owner, so it is a poison record. The bounds are therefore wider than what the owner accepts
 * from its users: they keep impossible values out, and do not repeat the owner's validation.
 */

const MEMBER_RULES = { userId: id, role: oneOf('OWNER', 'ADMIN', 'MEMBER') };

/** One rule for each field: a new event or field does not compile without one. */
const RULES: { [T in EventType]: Rules<EventPayloads[T]> } = {
  UserRegistered: {
    userId: id,
    username: text(1, 200),
    firstName: optional(text(0, 400)),
    lastName: optional(text(0, 400)),
    registeredAt: time,
  },
  SignedInFromNewDevice: { userId: id, sessionId: id, signedInAt: time },
  UserDeleted: { userId: id, deletedAt: time },
  ConversationCreated: {
    conversationId: id,
    kind: oneOf('DIRECT', 'GROUP'),
    title: optional(text(0, 2000)),
    members: notEmpty(membersOf(MEMBER_RULES)),
    createdBy: id,
    createdAt: time,
  },
  ConversationUpdated: { conversationId: id, title: optional(text(1, 2000)), pictureId: optional(id), updatedBy: id, updatedAt: time },
  MembersChanged: {
    conversationId: id,
    added: membersOf(MEMBER_RULES),
    removed: eachOnce(id),
    changedRoles: membersOf(MEMBER_RULES),
    lastSeq: atLeast(0),
    changedBy: id,
    changedAt: time,
  },
  MessageCreated: messageRules(),
  MessageUpdated: { ...messageRules(), editedAt: time, reactions: reactionsOf() },
  MessageDeleted: { ...identityRules(), deletedBy: id, deletedAt: time },
  ReactionsChanged: { ...messageRules(), editedAt: optional(time), reactions: reactionsOf(), changedBy: id, changedAt: time },
  ReceiptsAdvanced: { conversationId: id, userId: id, lastReadSeq: atLeast(0), lastDeliveredSeq: atLeast(0), advancedAt: time },
  ConversationMuted: { conversationId: id, userId: id, mutedUntil: optional(anyTime), mutedAt: time },
  UserBlocked: { userId: id, blockedUserId: id, blockedAt: time },
  UserUnblocked: { userId: id, unblockedUserId: id, unblockedAt: time },
  ProfileUpdated: {
    userId: id,
    username: text(1, 200),
    firstName: optional(text(0, 400)),
    lastName: optional(text(0, 400)),
    bio: optional(text(0, 10_000)),
    location: optional(text(0, 400)),
    website: optional(text(0, 2000)),
    isPublic: () => null,
    pictureId: optional(id),
    coverImageId: optional(id),
    change: text(1, 40),
    updatedAt: time,
  },
  ProfileDeleted: { userId: id, deletedAt: time },
};

/** Rules between the fields of an event. */
const RULES_BETWEEN_FIELDS: { [T in EventType]?: (payload: EventPayloads[T]) => string | null } = {
  ConversationCreated: ({ kind, members }) => (kind === 'DIRECT' && members.length !== 2 ? 'a DIRECT conversation has two members' : null),
  MembersChanged: ({ added, removed, changedRoles }) => {
    const users = [...added, ...changedRoles].map(({ userId }) => userId).concat(removed);
    return new Set(users).size === users.length ? null : 'a user is changed twice';
  },
  MessageCreated: notToOneself,
  MessageUpdated: notToOneself,
  MessageDeleted: notToOneself,
  ReactionsChanged: notToOneself,
  UserBlocked: ({ userId, blockedUserId }) => (userId === blockedUserId ? 'userId and blockedUserId are the same' : null),
  UserUnblocked: ({ userId, unblockedUserId }) => (userId === unblockedUserId ? 'userId and unblockedUserId are the same' : null),
};

/** How far the clock of a publisher may be ahead of the consumer's. */
const CLOCK_TOLERANCE_MS = 24 * 3_600_000;

/** An event, and what its record says of it. */
export type EventToValidate = {
  [T in EventType]: {
    type: T;
    payload: EventPayloads[T];
    /** The topic of the record, one of this event. */
    topic: TopicName;
    /** The key of the record. */
    key: string;
    /** The header `occurred-at`; null without one. */
    occurredAt: string | null;
    /** The time of the record, ms since 1970. */
    recordedAt: number;
  };
}[EventType];

/** What makes this event impossible, for the reason of a dead letter; null for a possible one. */
export function validateEvent({ type, payload, topic, key, occurredAt, recordedAt }: EventToValidate, now = Date.now()): string | null {
  // Of two clocks, the later one: a consumer whose clock is behind must not give up good events.
  const context = { latestTime: Math.max(now, recordedAt) + CLOCK_TOLERANCE_MS };
  const problem =
    (occurredAt === null ? null : at('the header occurred-at', time(occurredAt, context))) ??
    validateFields(RULES[type] as Rules<typeof payload>, payload, context) ??
    (RULES_BETWEEN_FIELDS[type] as ((all: typeof payload) => string | null) | undefined)?.(payload);
  if (problem !== null && problem !== undefined) return problem;
  const keyField = TOPICS[topic].key;
  return (payload as Record<string, unknown>)[keyField] === key ? null : `${keyField} is not the key of the record`;
}
