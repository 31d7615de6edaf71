import { expect, it } from 'vitest';
import { contentDisposition, isFileName } from './file-names.js';

it.each(['a.png', 'Über mich.png', '写真.jpg', '👩‍🚀.png', '.hidden', `${'é'.repeat(96)}.png`])('%j may be the name of a file', (name) =>
  expect(isFileName(name)).toBe(true),
);

it.each([
  '',
  '.',
  '..',
  '../a',
  'a/b',
  'a\\b',
  'a\u0000',
  'a\r\nb',
  ' a',
  'a ',
  '\ud800.png',
  '\u202egnp.exe',
  `${'é'.repeat(97)}.png`,
  42,
  null,
])('%j may not be the name of a file', (name) => expect(isFileName(name)).toBe(false));

it('a name cannot add to the header that has it', () => {
  expect(contentDisposition('attachment', 'a"; filename="b.html')).toBe(
    `attachment; filename="a_; filename=_b.html"; filename*=UTF-8''a%22%3B%20filename%3D%22b.html`,
  );
  expect(contentDisposition('inline', "写'真%41.png")).toBe(
    `inline; filename="_'__41.png"; filename*=UTF-8''%E5%86%99%27%E7%9C%9F%2541.png`,
  );
});
