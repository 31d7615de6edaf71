import { describe, expect, it } from 'vitest';
import { applyToNotifications, type MessageFact, type MessageNotification, type ReadFact, type ReadState } from './apply.js';
import { previewOf } from './preview.js';

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

  it('unread messages are folded into one, with the newest text', () => {
    const { notifications } = apply([state('bob')], message(1), message(2), message(3));
    expect(notifications).toHaveLength(1);
    expect(notifications[0]).toMatchObject({ seq: 3, count: 3, messageId: 'm3', message: 'text 3', createdAt: 't3' });
  });

  it('goes on with the notification that is open from before, without changing what it was given', () => {
    const [open] = apply([state('bob')], message(1)).notifications;
    const before = structuredClone(open!);
    const { notifications } = apply([state('bob', 0, open!)], message(2));
    expect(notifications).toMatchObject([{ id: open!.id, count: 2, seq: 2 }]);
    expect(open).toEqual(before);
  });

  it('reading closes it, and the next message opens a new one', () => {
    const { notifications, toPublish, readStates } = apply([state('bob')], message(1), message(2), read('bob', 2), message(3));
    expect(notifications).toMatchObject([
      { seq: 2, count: 2, read: true },
      { seq: 3, count: 1, read: false },
    ]);
    expect(toPublish).toMatchObject([{ seq: 3 }]);
    expect(readStates).toMatchObject([{ userId: 'bob', readSeq: 2 }]);
  });

  it('reading a part of it leaves it open for the rest', () => {
    const { notifications } = apply([state('bob')], message(1), message(2), message(3), read('bob', 1));
    expect(notifications).toMatchObject([{ seq: 3, count: 2, read: false }]);
  });

  it("a member's own message reads what came before it", () => {
    const { notifications } = apply([state('bob'), state('ann')], message(1), message(2, 'bob'));
    expect(notifications).toMatchObject([
      { userId: 'bob', read: true, count: 1 },
      { userId: 'ann', read: false, count: 1, seq: 2 },
    ]);
  });

  it('what was read before it came is not announced, and reading never goes back', () => {
    expect(apply([state('bob', 5)], message(5), read('bob', 3))).toEqual({ notifications: [], toPublish: [], readStates: [] });
  });

  it('an older message that comes late counts, but does not replace the newest text', () => {
    const { notifications } = apply([state('bob')], message(2), message(1));
    expect(notifications).toMatchObject([{ seq: 2, count: 2, message: 'text 2' }]);
  });

  it('nobody outside the audience is told', () => {
    expect(apply(allMembers, message(1, 'ann', ['ann', 'bob'])).notifications.map(({ userId }) => userId)).toEqual(['bob']);
  });
});

describe('previews', () => {
  it('a short message is its own preview', () => {
    expect(previewOf('x'.repeat(140))).toBe('x'.repeat(140));
    expect(previewOf('😀'.repeat(140))).toBe('😀'.repeat(140));
  });

  it('a long one is cut to 140 characters, never inside one', () => {
    expect(previewOf('x'.repeat(141))).toBe(`${'x'.repeat(139)}…`);
    expect(previewOf('😀'.repeat(8000))).toBe(`${'😀'.repeat(139)}…`);
    expect(previewOf(`a${'😀'.repeat(140)}`)).toBe(`a${'😀'.repeat(138)}…`);
  });

  it('drops what cannot be stored', () => expect(previewOf('a\0b')).toBe('ab'));
});
