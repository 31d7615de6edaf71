import { describe, expect, it } from 'vitest';
import { messageWindow, neighbours, type VisibleSeqs } from './message-window.js';

/** Of a member from the beginning. */
const all = (lastSeq: number): VisibleSeqs => ({ joinedSeq: 0, lastSeq });

describe('messageWindow', () => {
  it.each([
    ['the newest page', 120, { page: 1, limit: 50 }, { low: 71, high: 120 }],
    ['the page before', 120, { page: 2, limit: 50 }, { low: 21, high: 70 }],
    ['the oldest page, shorter', 120, { page: 3, limit: 50 }, { low: 1, high: 20 }],
    ['a page past the oldest: nothing', 120, { page: 4, limit: 50 }, { low: 1, high: 0 }],
    ['a page far past the oldest: nothing', 120, { page: 2_147_483_647, limit: 100 }, { low: 1, high: 0 }],
    ['no messages at all', 0, { page: 1, limit: 50 }, { low: 1, high: 0 }],
    ['just before a seq', 120, { limit: 10, beforeSeq: 50 }, { low: 40, high: 49 }],
    ['just before a seq, regardless of the page', 120, { page: 7, limit: 10, beforeSeq: 50 }, { low: 40, high: 49 }],
    ['before the first: nothing', 120, { limit: 10, beforeSeq: 1 }, { low: 1, high: 0 }],
    ['before a seq that does not exist yet: the newest', 120, { limit: 10, beforeSeq: 1000 }, { low: 111, high: 120 }],
    ['just after a seq', 120, { limit: 10, afterSeq: 50 }, { low: 51, high: 60 }],
    ['after nothing: the first', 120, { limit: 10, afterSeq: 0 }, { low: 1, high: 10 }],
    ['after the newest: nothing', 120, { limit: 10, afterSeq: 120 }, { low: 121, high: 120 }],
    ['after a seq that does not exist yet: nothing', 120, { limit: 10, afterSeq: 500 }, { low: 121, high: 120 }],
    ['around a seq, half of the others before it', 120, { limit: 11, aroundSeq: 50 }, { low: 45, high: 55 }],
    ['around a seq, only itself', 120, { limit: 1, aroundSeq: 50 }, { low: 50, high: 50 }],
    ['around the first', 120, { limit: 11, aroundSeq: 1 }, { low: 1, high: 6 }],
    ['around the newest', 120, { limit: 11, aroundSeq: 120 }, { low: 115, high: 120 }],
  ])('%s', (_name, lastSeq, query, expected) => {
    expect(messageWindow(all(lastSeq), query)).toEqual(expected);
  });

  it.each([
    ['the newest page', { page: 1, limit: 10 }, { low: 111, high: 120 }],
    ['the oldest page, shorter', { page: 3, limit: 10 }, { low: 96, high: 100 }],
    ['a page past the oldest: nothing', { page: 4, limit: 10 }, { low: 96, high: 95 }],
    ['before a seq', { limit: 10, beforeSeq: 100 }, { low: 96, high: 99 }],
    ['before the first visible one: nothing', { limit: 10, beforeSeq: 96 }, { low: 96, high: 95 }],
    ['after nothing: the first visible ones', { limit: 10, afterSeq: 0 }, { low: 96, high: 105 }],
    ['around a seq', { limit: 11, aroundSeq: 98 }, { low: 96, high: 103 }],
    ['around a seq that is not visible: nothing', { limit: 1, aroundSeq: 50 }, { low: 96, high: 95 }],
  ])('of a member that joined at seq 95: %s', (_name, query, expected) => {
    expect(messageWindow({ joinedSeq: 95, lastSeq: 120 }, query)).toEqual(expected);
  });

  it('of a member that joined at the newest message: nothing', () => {
    expect(messageWindow({ joinedSeq: 5, lastSeq: 5 }, { page: 1, limit: 10 })).toEqual({ low: 6, high: 5 });
  });
});

describe('neighbours', () => {
  it.each([
    ['the newest page of many', 120, { low: 71, high: 120 }, { hasOlder: true, hasNewer: false }],
    ['the oldest page of many', 120, { low: 1, high: 20 }, { hasOlder: false, hasNewer: true }],
    ['in the middle', 120, { low: 40, high: 49 }, { hasOlder: true, hasNewer: true }],
    ['everything', 3, { low: 1, high: 3 }, { hasOlder: false, hasNewer: false }],
    ['no messages', 0, { low: 1, high: 0 }, { hasOlder: false, hasNewer: false }],
    ['empty at the new end', 120, { low: 121, high: 120 }, { hasOlder: true, hasNewer: false }],
    ['empty at the old end', 120, { low: 1, high: 0 }, { hasOlder: false, hasNewer: true }],
  ])('%s', (_name, lastSeq, window, expected) => {
    expect(neighbours(all(lastSeq), window)).toEqual(expected);
  });

  it('there is nothing older before the seq of joining', () => {
    const visible = { joinedSeq: 95, lastSeq: 120 };
    expect(neighbours(visible, { low: 96, high: 100 })).toEqual({ hasOlder: false, hasNewer: true });
    expect(neighbours(visible, { low: 97, high: 120 })).toEqual({ hasOlder: true, hasNewer: false });
  });
});
