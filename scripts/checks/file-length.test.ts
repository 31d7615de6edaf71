import { expect, it } from 'vitest';
import { tooManyLongFiles } from './file-length.ts';

const short = (count: number) => Array.from({ length: count }, (_, n) => ({ file: `short-${n}.ts`, lines: 150 }));

it('allows one long file in twenty', () => {
  expect(tooManyLongFiles([...short(19), { file: 'long.ts', lines: 400 }])).toEqual([]);
});

it('lists the long files when there are more, the longest first', () => {
  const problems = tooManyLongFiles([...short(18), { file: 'long.ts', lines: 151 }, { file: 'longer.ts', lines: 400 }]);
  expect(problems).toEqual(['2 of 20 files have more than 150 lines; at most 1 (5 %) may', '  400 longer.ts', '  151 long.ts']);
});
