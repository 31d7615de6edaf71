import { TOPICS, type TopicName } from './catalogue.js';
import type { EventPayloads, EventType } from './event-types.generated.js';

/*
 * What the fields of events mean, beyond their Avro types. A schema says that `seq` is an int and `createdAt` a string; only the rules here
 * say that no message has the seq −5 or was created "yesterday". Every consumer applies them to every event that it wants; an event that
 * breaks one cannot have been published by its owner, so it is a poison record. The bounds are therefore wider than what the owner accepts
 * from its users: they keep impossible values out, and do not repeat the owner's validation.
 */

/** What is wrong with a value, for an operator; null when it is possible. It never contains the value, which may be private. */
type Rule<V> = (value: V, context: RuleContext) => string | null;

interface RuleContext {
  /** No event was written later; milliseconds since 1970. */
  latestTime: number;
}

type Rules<P> = { [F in keyof P]: Rule<P[F]> };

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
    members: membersOf({ userId: id, role: oneOf('OWNER', 'ADMIN', 'MEMBER') }),
    createdBy: id,
    createdAt: time,
  },
  MessageCreated: {
    messageId: id,
    conversationId: id,
    seq: atLeast(1),
    senderId: id,
    receiverId: optional(id),
    content: text(0, 100_000),
    clientMessageId: optional(text(1, 200)),
    createdAt: time,
  },
  ReceiptsAdvanced: { conversationId: id, userId: id, lastReadSeq: atLeast(0), lastDeliveredSeq: atLeast(0), advancedAt: time },
  ProfileUpdated: {
    userId: id,
    username: text(1, 200),
    firstName: optional(text(0, 400)),
    lastName: optional(text(0, 400)),
    bio: optional(text(0, 10_000)),
    location: optional(text(0, 400)),
    website: optional(text(0, 2000)),
    isPublic: () => null,
    updatedAt: time,
  },
  ProfileDeleted: { userId: id, deletedAt: time },
};

/** Rules between the fields of an event. */
const RULES_BETWEEN_FIELDS: { [T in EventType]?: (payload: EventPayloads[T]) => string | null } = {
  ConversationCreated: ({ kind, members }) => (kind === 'DIRECT' && members.length !== 2 ? 'a DIRECT conversation has two members' : null),
  MessageCreated: ({ senderId, receiverId }) => (senderId === receiverId ? 'senderId and receiverId are the same' : null),
};

const EARLIEST_TIME = Date.UTC(2000, 0);
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

function at(where: string, problem: string | null): string | null {
  return problem === null ? null : `${where} ${problem}`;
}

function validateFields<P extends object>(rules: Rules<P>, payload: P, context: RuleContext): string | null {
  for (const field in rules) {
    const problem = at(field, rules[field](payload[field], context));
    if (problem !== null) return problem;
  }
  return null;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const RFC_3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

function id(value: string): string | null {
  return UUID.test(value) ? null : 'is not a UUID in its canonical form';
}

function time(value: string, { latestTime }: RuleContext): string | null {
  const milliseconds = RFC_3339_UTC.test(value) ? Date.parse(value) : NaN;
  // Date.parse takes 30 February for 1 March.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString().slice(0, 10) !== value.slice(0, 10))
    return 'is not a time (RFC 3339, UTC)';
  if (milliseconds < EARLIEST_TIME) return 'is before the year 2000';
  return milliseconds > latestTime ? 'is in the future' : null;
}

/** Of `min` to `max` UTF-16 code units, without NUL, which PostgreSQL cannot store. */
function text(min: number, max: number): Rule<string> {
  return (value) => {
    if (value.length < min || value.length > max) return `is not ${min} to ${max} characters long`;
    return value.includes('\0') ? 'contains NUL' : null;
  };
}

function optional<V>(rule: Rule<V>): Rule<V | null> {
  return (value, context) => (value === null ? null : rule(value, context));
}

function atLeast(min: number): Rule<number> {
  return (value) => (value >= min ? null : `is less than ${min}`);
}

function oneOf(...values: string[]): Rule<string> {
  return (value) => (values.includes(value) ? null : `is not one of ${values.join(', ')}`);
}

/** At least one member, each once. */
function membersOf<M extends { userId: string }>(rules: Rules<M>): Rule<M[]> {
  return (members, context) => {
    if (members.length === 0) return 'is empty';
    if (new Set(members.map(({ userId }) => userId)).size !== members.length) return 'contains a user twice';
    for (const member of members) {
      const problem = validateFields(rules, member, context);
      if (problem !== null) return `contains a member whose ${problem}`;
    }
    return null;
  };
}
