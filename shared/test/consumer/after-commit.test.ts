import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../src/testing/index.js';
import { World } from '../kit/event-world.js';
import { conversation } from '../kit/messages.js';

it('what a handler wants after the commit happens once its transaction has committed, and not after a rollback', async () => {
  const world = await World.create();
  onTestFinished(() => world.end());
  world.relay();
  const called: { seq: number; stored: Promise<number[]> }[] = [];
  let failures = 1;
  world.consumer((event, context) => {
    const { seq } = event.payload;
    const stored = async () => (await world.effects()).map((effect) => effect.seq);
    context.afterCommit(() => called.push({ seq, stored: stored() }));
    if (seq === 2 && failures-- > 0) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
  });
  await world.publish(...conversation(3));

  await eventually(() => called.length === 3);
  expect(called.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(failures).toBeLessThan(1);
  for (const { seq, stored } of called) expect(await stored).toContain(seq);
});
