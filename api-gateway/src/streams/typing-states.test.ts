import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TypingStates } from './typing-states.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('publishes a repetition again after 2.5 s only, and every change at once', async () => {
  const states = new TypingStates();
  const published: boolean[] = [];
  const set = (typing: boolean) => states.set('ada', 'talk', typing, async () => void published.push(typing));
  for (const typing of [true, true, false, false, true]) await set(typing);
  expect(published).toEqual([true, false, true]);
  vi.advanceTimersByTime(2400);
  await set(true);
  expect(published).toHaveLength(3);
  vi.advanceTimersByTime(200);
  await set(true);
  expect(published).toHaveLength(4);
  await states.set('ada', 'another', true, async () => void published.push(true));
  await states.set('ben', 'talk', true, async () => void published.push(true));
  expect(published).toHaveLength(6);
});

it('a rejection is shared by what came meanwhile, and not remembered', async () => {
  const states = new TypingStates();
  const { promise, reject } = Promise.withResolvers<void>();
  const answers = [1, 2].map(() => states.set('ada', 'talk', true, () => promise));
  reject(new Error('not a member'));
  expect((await Promise.allSettled(answers)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(states.set('ada', 'talk', true, async () => undefined)).resolves.toBeUndefined();
});
