import { expect, it } from 'vitest';
import { checkBodyShape } from './body-shape.js';

const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
const list = (length: number, item: unknown) => Array.from({ length }, () => item);
const members = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, n]));

it.each([undefined, null, 'text', 7, {}, { ids: Array.from({ length: 1000 }, () => 'id') }, members(500), nested(30)])(
  'accepts a usual body',
  (body) => expect(() => checkBodyShape(body)).not.toThrow(),
);

it.each([
  ['nested too deeply', nested(100_000)],
  ['nested too deeply', { a: { b: [nested(40)] } }],
  ['too many values', members(501)],
  ['too many values', [members(10), members(501)]],
  ['too many values', list(20_001, 0)],
  ['too many values', list(100, list(300, 0))],
])('rejects a body that is %s', (why, body) => {
  expect(() => checkBodyShape(body)).toThrow(why);
  expect(() => checkBodyShape(body)).toThrow(expect.objectContaining({ kind: 'invalid' }));
});
