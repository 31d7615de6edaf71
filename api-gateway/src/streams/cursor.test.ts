import { AppError } from '@chat/shared/errors';
import { expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.js';

const positions = [
  { epoch: 1, offsets: [-1, -1, -1, -1] },
  { epoch: 1, offsets: [0, 127, 128, 16_383] },
  { epoch: 300, offsets: [Number.MAX_SAFE_INTEGER - 1, 2 ** 31, 2 ** 32 + 5] },
  { epoch: 7, offsets: [] },
];

it.each(positions)('a cursor is decoded to the position that was encoded: %j', (position) => {
  expect(decodeCursor(encodeCursor(position))).toEqual(position);
});

it('any altered character of a cursor is detected', () => {
  const cursor = encodeCursor({ epoch: 3, offsets: [5, 900, -1, 70_000] });
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  for (let at = 0; at < cursor.length; at += 1) {
    for (const character of alphabet) {
      if (character === cursor[at]) continue;
      const altered = cursor.slice(0, at) + character + cursor.slice(at + 1);
      expect(() => decodeCursor(altered)).toThrow(AppError);
    }
  }
});

it.each([
  '',
  '=',
  'AAAA',
  'not a cursor',
  'x'.repeat(5000),
  '1'.repeat(40),
  `${encodeCursor(positions[1]!)}A`,
  encodeCursor(positions[1]!).slice(0, -1),
])('what is no cursor is bad input: %s', (text) => {
  expect(() => decodeCursor(text)).toThrow(expect.objectContaining({ kind: 'invalid' }));
});
