import { expect, it } from 'vitest';
import { MAX_REACTION_USER_IDS, shownReactions } from './reactions.js';

const users = (count: number, prefix = 'user') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

it('up to 200 reactions to a message have all user ids, whatever their emojis', () => {
  const reactions = [
    { emoji: '👍', count: 199, userIds: users(199) },
    { emoji: '❤️', count: 1, userIds: users(1) },
  ];
  expect(shownReactions(reactions)).toEqual(reactions);
});

it('more reactions have the first user ids of each emoji, 200 in all, and exact counts', () => {
  const emojis = users(20, 'emoji');
  const shown = shownReactions(emojis.map((emoji) => ({ emoji, count: 1000, userIds: users(1000) })));
  expect(shown).toEqual(emojis.map((emoji) => ({ emoji, count: 1000, userIds: users(10) })));
  expect(shown.flatMap(({ userIds }) => userIds)).toHaveLength(MAX_REACTION_USER_IDS);
});

it('what is shown already is shown like this again', () => {
  const shown = shownReactions([
    { emoji: '👍', userIds: users(150) },
    { emoji: '❤️', userIds: users(51) },
  ]);
  expect(shown.map(({ count, userIds }) => [count, userIds.length])).toEqual([
    [150, 100],
    [51, 51],
  ]);
  expect(shownReactions(shown)).toEqual(shown);
});

it('reactions of an event of a build before, without a count or with the count 0, are counted', () => {
  expect(shownReactions([{ emoji: '👍', userIds: ['a', 'b'] }])).toEqual([{ emoji: '👍', count: 2, userIds: ['a', 'b'] }]);
  expect(shownReactions([{ emoji: '👍', count: 0, userIds: ['a'] }])).toEqual([{ emoji: '👍', count: 1, userIds: ['a'] }]);
});
