import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TYPING_EXPIRES_MS, TypingMembers } from './typing-members.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const changes: string[] = [];
  const members = new TypingMembers((userId, typing) => changes.push(`${userId} ${typing ? 'begins' : 'ends'}`));
  const receive = (userId: string, typing: boolean) => members.receive({ conversationId: 'c', userId, typing });
  return { changes, members, receive };
}

it('reports each change once, and no end without a begin', () => {
  const { changes, receive } = setUp();
  for (const typing of [false, true, true, false, false]) receive('ada', typing);
  expect(changes).toEqual(['ada begins', 'ada ends']);
});

it('ends 6 s after the last true, also when its client or its gateway is gone', () => {
  const { changes, receive } = setUp();
  receive('ada', true);
  vi.advanceTimersByTime(TYPING_EXPIRES_MS - 1);
  receive('ada', true);
  receive('ben', true);
  vi.advanceTimersByTime(TYPING_EXPIRES_MS - 1);
  expect(changes).toEqual(['ada begins', 'ben begins']);
  vi.advanceTimersByTime(1);
  expect(changes).toEqual(['ada begins', 'ben begins', 'ada ends', 'ben ends']);
});

it('leaves no timer when the subscription ends', () => {
  const { members, receive, changes } = setUp();
  receive('ada', true);
  members.close();
  expect(vi.getTimerCount()).toBe(0);
  expect(changes).toEqual(['ada begins']);
});
