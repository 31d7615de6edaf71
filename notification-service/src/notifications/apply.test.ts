import { describe, expect, it } from 'vitest';
import { applyToNotifications, type MessageFact, type MessageNotification, type ReadFact, type ReadState } from './apply.js';
import { previewOf, previewOfMessage } from './preview.js';

const message = (seq: number, senderId = 'ann', audience = ['ann', 'bob', 'cleo']): MessageFact => ({
  kind: 'message',
  conversationId: 'c',
  messageId: `m${seq}`,
  seq,
  senderId,
  preview: `text ${seq}`,
  createdAt: `t${seq}`,
  audience,
});
const read = (userId: string, seq: number): ReadFact => ({ kind: 'read', conversationId: 'c', userId, seq });
const state = (userId: string, readSeq = 0, unread: MessageNotification | null = null): ReadState => ({
  conversationId: 'c',
  userId,
  readSeq,
  unread,
});
const allMembers = [state('ann'), state('bob'), state('cleo')];

let lastId = 0;
const newId = () => `n${++lastId}`;
const apply = (readStates: ReadState[], ...facts: (MessageFact | ReadFact)[]) => applyToNotifications(readStates, facts, newId);

describe('notifications of messages', () => {
  it('a message is one notification to each member but its sender', () => {
    const { notifications, toPublish } = apply(allMembers, message(1));
    expect(notifications.map(({ userId }) => userId)).toEqual(['bob', 'cleo']);
    expect(notifications[0]).toMatchObject({ messageId: 'm1', senderId: 'ann', seq: 1, count: 1, message: 'text 1', read: false });
    expect(toPublish).toEqual(notifications);
  });

  it('unread messages are one notification, with the newest text', () => {
    const { notifications } = apply([state('bob')], message(1), message(2), message(3));
    expect(notifications).toHaveLength(1);
    expect(notifications[0]).toMatchObject({ seq: 3, count: 3, messageId: 'm3', message: 'text 3', createdAt: 't3' });
  });

  it('adds to the unread notification of an earlier batch, without changing its argument', () => {
    const [unread] = apply([state('bob')], message(1)).notifications;
    const before = structuredClone(unread!);
    const { notifications } = apply([state('bob', 0, unread!)], message(2));
    expect(notifications).toMatchObject([{ id: unread!.id, count: 2, seq: 2 }]);
    expect(unread).toEqual(before);
  });

  it('reading marks it as read, and the next message creates a new one', () => {
    const { notifications, toPublish, readStates } = apply([state('bob')], message(1), message(2), read('bob', 2), message(3));
    expect(notifications).toMatchObject([
      { seq: 2, count: 2, read: true },
      { seq: 3, count: 1, read: false },
    ]);
    expect(toPublish).toMatchObject([{ seq: 3 }]);
    expect(readStates).toMatchObject([{ userId: 'bob', readSeq: 2 }]);
  });

  it('reading a part of its messages leaves it unread for the rest', () => {
    const { notifications } = apply([state('bob')], message(1), message(2), message(3), read('bob', 1));
    expect(notifications).toMatchObject([{ seq: 3, count: 2, read: false }]);
  });

  it('sending a message marks the earlier messages as read', () => {
    const { notifications } = apply([state('bob'), state('ann')], message(1), message(2, 'bob'));
    expect(notifications).toMatchObject([
      { userId: 'bob', read: true, count: 1 },
      { userId: 'ann', read: false, count: 1, seq: 2 },
    ]);
  });

  it('a message that was read before it was recorded is not published, and the read seq never decreases', () => {
    expect(apply([state('bob', 5)], message(5), read('bob', 3))).toEqual({ notifications: [], toPublish: [], readStates: [], muted: [] });
  });

  it('an older message that arrives late is counted, but does not replace the newest text', () => {
    const { notifications } = apply([state('bob')], message(2), message(1));
    expect(notifications).toMatchObject([{ seq: 2, count: 2, message: 'text 2' }]);
  });

  it('a user outside the audience is not notified', () => {
    expect(apply(allMembers, message(1, 'ann', ['ann', 'bob'])).notifications.map(({ userId }) => userId)).toEqual(['bob']);
  });
});

describe('previews', () => {
  it('a short message is its own preview', () => {
    expect(previewOf('x'.repeat(140))).toBe('x'.repeat(140));
    expect(previewOf('😀'.repeat(140))).toBe('😀'.repeat(140));
  });

  it('a long message is cut to 140 characters, never inside a character', () => {
    expect(previewOf('x'.repeat(141))).toBe(`${'x'.repeat(139)}…`);
    expect(previewOf('😀'.repeat(8000))).toBe(`${'😀'.repeat(139)}…`);
    expect(previewOf(`a${'😀'.repeat(140)}`)).toBe(`a${'😀'.repeat(138)}…`);
  });

  it('a message of attachments alone is described by the kind of the first', () => {
    const file = {
      id: 'f',
      fileName: 'a',
      mimeType: 'b',
      sizeBytes: 1,
      width: null,
      height: null,
      durationSeconds: null,
      waveform: null,
      createdAt: 't',
    };
    const [voice, document] = ['VOICE_MESSAGE', 'DOCUMENT'].map((kind) => ({ ...file, kind }));
    expect(previewOfMessage({ content: '', attachments: [voice!, document!] })).toBe('Voice message');
    expect(previewOfMessage({ content: 'look', attachments: [document!] })).toBe('look');
    expect(previewOfMessage({ content: '', attachments: [{ ...file, kind: 'HOLOGRAM' }] })).toBe('File');
    expect(previewOfMessage({ content: '' })).toBe('');
  });

  it('leaves out a character that cannot be stored', () => expect(previewOf('a\0b')).toBe('ab'));
});
