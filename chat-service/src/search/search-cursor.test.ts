import { newId } from '@chat/shared/database';
import { expect, it } from 'vitest';
import { comparePositions, decodeSearchCursor, encodeSearchCursor, type SearchPosition } from './search-cursor.js';

const some = (changes: Partial<SearchPosition> = {}): SearchPosition => ({
  createdAt: 1_800_000_000_123,
  seq: 42,
  messageId: newId(),
  ...changes,
});

it('a cursor is its position', () => {
  for (const position of [some(), some({ seq: 2_147_483_647 }), some({ messageId: 'ffffffff-ffff-ffff-ffff-ffffffffffff' })])
    expect(decodeSearchCursor(encodeSearchCursor(position))).toEqual(position);
});

it('what was altered or is no cursor is BAD_USER_INPUT', () => {
  const cursor = encodeSearchCursor(some());
  const altered = [...cursor].map((character, at) => cursor.slice(0, at) + (character === 'A' ? 'B' : 'A') + cursor.slice(at + 1));
  for (const text of ['', 'x', ' ', cursor.slice(1), `${cursor}A`, `${cursor}=`, cursor.toLowerCase(), '\u{1F600}'.repeat(21), ...altered])
    expect(() => decodeSearchCursor(text), text).toThrow(expect.objectContaining({ kind: 'invalid', code: 'search/bad-cursor' }));
});

it('results are in the order of time, then seq, then id, the newest first', () => {
  const [low, high] = [newId(), newId()].sort() as [string, string];
  const inOrder = [
    some({ createdAt: Infinity }),
    some({ createdAt: 20, seq: 1 }),
    some({ createdAt: 10, seq: 3 }),
    some({ createdAt: 10, seq: 2, messageId: high }),
    some({ createdAt: 10, seq: 2, messageId: low }),
  ];
  expect(inOrder.toReversed().sort(comparePositions)).toEqual(inOrder);
  expect(comparePositions(inOrder[1]!, { ...inOrder[1]! })).toBe(0);
});
