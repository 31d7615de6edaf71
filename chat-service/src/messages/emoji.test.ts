import { describe, expect, it } from 'vitest';
import { emojiOf } from './emoji.js';

const ONE_EMOJI = {
  'a character': '👍',
  'a character with a skin tone': '👍🏽',
  'a flag': '🇫🇷',
  'a flag of a part of a country': '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
  'a rainbow flag': '🏳️‍🌈',
  'a family': '👨‍👩‍👧‍👦',
  'a couple with different skin tones': '👩🏻‍❤️‍💋‍👨🏿',
  'a key': '1️⃣',
  'a heart': '❤️',
  'a detective with a skin tone': '🕵🏽‍♂️',
};

describe('one emoji', () => {
  it.each(Object.entries(ONE_EMOJI))('is %s', (_name, emoji) => {
    expect(emojiOf(emoji)).toBe(emoji);
  });

  it.each(Object.entries(ONE_EMOJI))(
    'is %s without its variation selectors, or with one after each character: the same one',
    (_name, emoji) => {
      const without = emoji.replaceAll('\ufe0f', '');
      expect(emojiOf(without)).toBe(emoji);
      expect(emojiOf([...without].join('\ufe0f'))).toBe(emoji);
    },
  );
});

it.each([
  ['nothing', ''],
  ['a letter', 'a'],
  ['a digit, which is a part of a key', '1'],
  ['a digit with a variation selector', '1\ufe0f'],
  ['two emojis', '👍👎'],
  ['an emoji and a space', '👍 '],
  ['a skin tone after an emoji that has none', '🍎🏽'],
  ['half of a flag', '🇫'],
  ['a country that does not exist', '🇽🇽'],
  ['a joiner alone', '\u200d'],
  ['an emoji with a joiner at its end', '👍\u200d'],
  ['emojis that no font joins', '🍎\u200d🚗'],
  ['an emoji that is to be drawn as text', '❤\ufe0e'],
  ['half of a surrogate pair', '\ud83d'],
  ['a long text', '👍'.repeat(5000)],
])('%s is not one emoji', (_name, text) => {
  expect(emojiOf(text)).toBeNull();
});
