import { describe, expect, it } from 'vitest';
import { EVENT_TOPICS, TOPICS, validateEvent, type EventPayloads, type EventToValidate, type EventType } from './index.js';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const TIME = '2026-11-22T11:59:59.123Z';
const [A, B, C, D] = ['a', 'b', 'c', 'd'].map((digit) => `0199a7a2-0000-7000-8000-${digit.repeat(12)}`) as [string, string, string, string];

const MESSAGE: EventPayloads['MessageCreated'] = {
  messageId: A,
  conversationId: B,
  seq: 1,
  senderId: C,
  receiverId: D,
  content: 'x'.repeat(16_000),
  clientMessageId: 'key 1',
  createdAt: TIME,
  replyToId: D,
  mentions: [C, D],
  attachments: [
    {
      id: A,
      kind: 'IMAGE',
      fileName: 'a.png',
      mimeType: 'image/png',
      sizeBytes: 3_000_000_000,
      width: 1,
      height: 2,
      durationSeconds: null,
      waveform: null,
      createdAt: TIME,
    },
  ],
};
const REACTIONS = [{ emoji: '👍🏽', count: 2, userIds: [C, D] }];
const { content: _content, replyToId: _replyToId, mentions: _mentions, attachments: _attachments, ...IDENTITY } = MESSAGE;

const POSSIBLE: EventPayloads = {
  UserRegistered: { userId: A, username: 'ada', firstName: null, lastName: 'Lovelace', registeredAt: TIME },
  SignedInFromNewDevice: { userId: A, sessionId: B, signedInAt: TIME },
  UserDeleted: { userId: A, deletedAt: TIME },
  ConversationCreated: {
    conversationId: A,
    kind: 'DIRECT',
    title: null,
    members: [
      { userId: B, role: 'MEMBER' },
      { userId: C, role: 'OWNER' },
    ],
    createdBy: B,
    createdAt: TIME,
  },
  ConversationUpdated: { conversationId: A, title: 'Team', pictureId: null, updatedBy: B, updatedAt: TIME },
  MembersChanged: {
    conversationId: A,
    added: [{ userId: B, role: 'MEMBER' }],
    removed: [C],
    changedRoles: [{ userId: D, role: 'OWNER' }],
    lastSeq: 0,
    changedBy: D,
    changedAt: TIME,
  },
  MessageCreated: MESSAGE,
  MessageUpdated: { ...MESSAGE, editedAt: TIME, reactions: REACTIONS },
  MessageDeleted: { ...IDENTITY, deletedBy: C, deletedAt: TIME },
  ReactionsChanged: { ...MESSAGE, editedAt: null, reactions: REACTIONS, changedBy: D, changedAt: TIME },
  ReceiptsAdvanced: { conversationId: A, userId: B, lastReadSeq: 0, lastDeliveredSeq: 7, advancedAt: TIME },
  ConversationMuted: { conversationId: A, userId: B, mutedUntil: '2090-01-01T00:00:00.000Z', mutedAt: TIME },
  UserBlocked: { userId: A, blockedUserId: B, blockedAt: TIME },
  UserUnblocked: { userId: A, unblockedUserId: B, unblockedAt: TIME },
  ProfileUpdated: {
    userId: A,
    username: 'ada',
    firstName: '',
    lastName: null,
    bio: 'x'.repeat(2000),
    location: 'London',
    website: 'https://example.test',
    isPublic: false,
    pictureId: B,
    coverImageId: null,
    change: 'PICTURE_CHANGED',
    updatedAt: TIME,
  },
  ProfileDeleted: { userId: A, deletedAt: TIME },
};

interface OfRecord {
  key?: string;
  occurredAt?: string | null;
  recordedAt?: number;
}

/** The problem of a possible event of this type with these changes. */
function problemOf(type: EventType, changes: object = {}, ofRecord: OfRecord = {}): string | null {
  const payload = { ...POSSIBLE[type], ...changes };
  const [topic] = EVENT_TOPICS[type];
  const key = (payload as Record<string, unknown>)[TOPICS[topic].key];
  return validateEvent({ type, payload, topic, key, occurredAt: TIME, recordedAt: NOW, ...ofRecord } as EventToValidate, NOW);
}

describe('an event is possible', () => {
  it.each(Object.keys(POSSIBLE) as EventType[])('of type %s, as its owner writes it', (type) => {
    expect(problemOf(type)).toBeNull();
    expect(problemOf(type, {}, { occurredAt: null })).toBeNull();
  });

  it('if the clock of its publisher is a day ahead, or the clock of the consumer is behind', () => {
    expect(problemOf('MessageCreated', { createdAt: '2026-11-23T11:59:59.999Z' })).toBeNull();
    expect(
      problemOf('MessageCreated', { createdAt: '2026-12-20T00:00:00Z' }, { recordedAt: Date.parse('2026-12-20T00:00:00Z') }),
    ).toBeNull();
  });
});

describe('an event is impossible', () => {
  it.each([
    'yesterday',
    '2026-11-22',
    '2026-11-22T11:59:59.123+01:00',
    '2026-02-30T00:00:00Z',
    '2026-11-22T25:00:00Z',
    '',
    '1763812799123',
  ])('if it was created at "%s"', (createdAt) =>
    expect(problemOf('MessageCreated', { createdAt })).toBe('createdAt is not a time (RFC 3339, UTC)'),
  );

  it('if its time is before the year 2000 or more than a day in the future', () => {
    expect(problemOf('MessageCreated', { createdAt: '1999-12-31T23:59:59.999Z' })).toBe('createdAt is before the year 2000');
    expect(problemOf('MessageCreated', { createdAt: '2026-11-23T12:00:00.001Z' })).toBe('createdAt is in the future');
    expect(problemOf('UserDeleted', { deletedAt: '9999-01-01T00:00:00Z' })).toBe('deletedAt is in the future');
  });

  it('if a conversation is muted until a text that is no time, or a user has blocked the same user', () => {
    expect(problemOf('ConversationMuted', { mutedUntil: null })).toBeNull();
    expect(problemOf('ConversationMuted', { mutedUntil: 'for ever' })).toBe('mutedUntil is not a time (RFC 3339, UTC)');
    expect(problemOf('UserBlocked', { blockedUserId: A })).toBe('userId and blockedUserId are the same');
    expect(problemOf('UserUnblocked', { unblockedUserId: A })).toBe('userId and unblockedUserId are the same');
  });

  it('if the time in its header is impossible', () => {
    expect(problemOf('UserDeleted', {}, { occurredAt: 'now' })).toBe('the header occurred-at is not a time (RFC 3339, UTC)');
    expect(problemOf('UserDeleted', {}, { occurredAt: '9999-01-01T00:00:00Z' })).toBe('the header occurred-at is in the future');
  });

  it.each(['7', '', A.toUpperCase(), `${A} `, `{${A}}`])('if an id of it is "%s"', (id) => {
    expect(problemOf('MessageCreated', { messageId: id })).toBe('messageId is not a UUID in its canonical form');
    expect(problemOf('UserRegistered', { userId: id })).toBe('userId is not a UUID in its canonical form');
  });

  it('if a number is out of bounds', () => {
    expect(problemOf('MessageCreated', { seq: -5 })).toBe('seq is less than 1');
    expect(problemOf('MessageCreated', { seq: 0 })).toBe('seq is less than 1');
    expect(problemOf('ReceiptsAdvanced', { lastReadSeq: -1 })).toBe('lastReadSeq is less than 0');
  });

  it('if a text is longer than any service writes it, or cannot be stored; the problem does not repeat it', () => {
    expect(problemOf('MessageCreated', { content: 'x'.repeat(100_001) })).toBe('content is not 0 to 100000 characters long');
    expect(problemOf('MessageCreated', { content: 'secret\0' })).toBe('content contains NUL');
    expect(problemOf('ProfileUpdated', { username: '' })).toBe('username is not 1 to 200 characters long');
  });

  it('if the key of its record is not the id of its aggregate', () => {
    expect(problemOf('MessageCreated', {}, { key: A })).toBe('conversationId is not the key of the record');
    expect(problemOf('ProfileUpdated', {}, { key: B })).toBe('userId is not the key of the record');
  });

  it('if a list of it contains an impossible value', () => {
    expect(problemOf('MessageCreated', { mentions: [C, 'x'] })).toBe('mentions contains a value that is not a UUID in its canonical form');
    expect(problemOf('ReactionsChanged', { reactions: [{ emoji: '👍', count: 1, userIds: ['x'] }] })).toBe(
      'reactions contains a value that userIds contains a value that is not a UUID in its canonical form',
    );
    expect(problemOf('MessageUpdated', { reactions: [{ emoji: '', count: 0, userIds: [] }] })).toBe(
      'reactions contains a value that emoji is not 1 to 200 characters long',
    );
  });

  it('if its conversation cannot exist', () => {
    const member = { userId: B, role: 'MEMBER' };
    expect(problemOf('ConversationCreated', { kind: 'CHANNEL' })).toBe('kind is not one of DIRECT, GROUP');
    expect(problemOf('ConversationCreated', { members: [] })).toBe('members is empty');
    expect(problemOf('ConversationCreated', { members: [member, member] })).toBe('members contains a user twice');
    expect(problemOf('ConversationCreated', { members: [member] })).toBe('a DIRECT conversation has two members');
    expect(problemOf('ConversationCreated', { members: [{ userId: 'x', role: 'MEMBER' }] })).toBe(
      'members contains a member whose userId is not a UUID in its canonical form',
    );
    expect(problemOf('MembersChanged', { added: [member], removed: [B] })).toBe('a user is changed twice');
    expect(problemOf('MembersChanged', { removed: [B, B] })).toBe('removed contains a value twice');
    expect(problemOf('MembersChanged', { removed: ['x'] })).toBe('removed contains a value that is not a UUID in its canonical form');
    expect(problemOf('MessageCreated', { receiverId: C })).toBe('senderId and receiverId are the same');
  });
});
