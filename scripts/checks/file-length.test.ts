import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { handWrittenFiles, tooManyLongFiles } from './file-length.ts';

const short = (count: number) => Array.from({ length: count }, (_, n) => ({ file: `short-${n}.ts`, lines: 150 }));

it('allows one long file in twenty', () => {
  expect(tooManyLongFiles([...short(19), { file: 'long.ts', lines: 400 }])).toEqual([]);
});

it('lists the long files when there are more, the longest first', () => {
  const problems = tooManyLongFiles([...short(18), { file: 'long.ts', lines: 151 }, { file: 'longer.ts', lines: 400 }]);
  expect(problems).toEqual(['2 of 20 files have more than 150 lines; at most 1 (5 %) may', '  400 longer.ts', '  151 long.ts']);
});

it('counts tests and their helpers, and no generated files', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'file-length-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const counted = ['chat/src/a.ts', 'chat/src/a.test.ts', 'chat/test/kit/b.ts', 'chat/test/b.test.ts', 'e2e/c.test.ts', 'scripts/d.ts'];
  for (const file of [...counted, 'shared/src/events/types.generated.ts', 'node_modules/src/e.ts']) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), '');
  }
  expect(handWrittenFiles(root).sort()).toEqual(counted.sort());
});
