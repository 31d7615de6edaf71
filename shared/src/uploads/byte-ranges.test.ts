import { expect, it } from 'vitest';
import { rangeOf } from './byte-ranges.js';

it.each([
  ['bytes=0-0', { start: 0, end: 0 }],
  ['bytes=10-19', { start: 10, end: 19 }],
  ['bytes=10-', { start: 10, end: 99 }],
  ['bytes=10-1000', { start: 10, end: 99 }],
  ['bytes=-5', { start: 95, end: 99 }],
  ['bytes=-1000', { start: 0, end: 99 }],
  ['bytes=99-99', { start: 99, end: 99 }],
])('%j of 100 bytes', (header, range) => expect(rangeOf(header, 100)).toEqual(range));

it.each(['bytes=100-', 'bytes=100-200', 'bytes=-0'])('%j of 100 bytes is outside', (header) =>
  expect(rangeOf(header, 100)).toBe('unsatisfiable'),
);

it.each([
  undefined,
  '',
  'bytes=',
  'bytes=-',
  'bytes=0-1,5-6',
  'lines=0-1',
  'bytes=a-b',
  'bytes=5-4',
  'bytes=1e1-',
  'bytes=9999999999999999-',
])('%j means the whole file', (header) => expect(rangeOf(header, 100)).toBeNull());
