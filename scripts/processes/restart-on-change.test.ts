import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { isRunning } from './identity.ts';
import { SERVICES } from '../services.ts';
import { TemporaryProject } from '../testing/temporary-project.ts';

/** As long as it takes on a slow machine: a program that hangs fails by it. */
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 50_000 });

const NAMES = SERVICES.map(({ name }) => name);
const TSCONFIG =
  '{ "compilerOptions": { "composite": true, "rootDir": "src", "outDir": "dist", "types": [], "lib": ["es5"], "skipLibCheck": true }, "include": ["src"] }';
/** Watches a system whose services only say that they restart; ends at the first line on stdin. */
const PROGRAM = `
  const { restartOnChange } = await import('./scripts/processes/restart-on-change.ts');
  const { SERVICES } = await import('./scripts/services.ts');
  const stop = new AbortController();
  const services = Object.fromEntries(SERVICES.map(({ name }) => [name, { restart: async () => console.log('restart', name) }]));
  restartOnChange({ services, group: { reaper: { watch: ({ pid }) => console.log('compiler', pid) } } }, stop.signal);
  process.stdin.once('data', () => { stop.abort(); process.exit(); });`;

let project: TemporaryProject;
beforeEach(() => {
  const folders = ['shared', ...NAMES];
  project = new TemporaryProject({
    'tsconfig.json': '{ "files": [], "references": [{ "path": "./shared" }, { "path": "./chat-service" }] }',
    'shared/tsconfig.json': TSCONFIG,
    'chat-service/tsconfig.json': TSCONFIG,
    ...Object.fromEntries(folders.flatMap((name) => ['src', 'dist'].map((part) => [`${name}/${part}/readme.md`, '']))),
    'shared/src/index.ts': 'export const shared = 1;',
    'chat-service/src/main.ts': 'export const chat = 1;',
  });
  project.linkPackages();
});
afterEach(() => project.remove());

it('restarts the service whose source changed, and all of them when shared changed; the compiler ends with the command', async () => {
  const child = project.start(PROGRAM);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const restarted = () => lines.filter((line) => line.startsWith('restart ')).map((line) => line.slice('restart '.length));
  try {
    // The first run of the compiler writes everything.
    await eventually(() => expect(new Set(restarted())).toEqual(new Set(NAMES)));
    await eventually(() => expect(existsSync(project.path('chat-service/dist/main.js'))).toBe(true));

    let before = restarted().length;
    project.write('chat-service/src/main.ts', 'export const chat = 2;');
    await eventually(() => expect(restarted().slice(before)).toContain('chat-service'));
    expect(new Set(restarted().slice(before))).toEqual(new Set(['chat-service']));

    before = restarted().length;
    project.write('chat-service/src/functions.sql', 'select 1');
    await eventually(() => expect(restarted().slice(before)).toContain('chat-service'));
    expect(existsSync(project.path('chat-service/dist/functions.sql'))).toBe(true);

    before = restarted().length;
    project.write('shared/src/index.ts', 'export const shared = 2;');
    await eventually(() => expect(new Set(restarted().slice(before))).toEqual(new Set(NAMES)));
  } finally {
    const exit = once(child, 'exit');
    child.stdin.write('\n');
    await exit;
  }
  const pid = Number(lines.find((line) => line.startsWith('compiler'))?.split(' ')[1]);
  await eventually(() => expect(isRunning({ pid, commandPattern: 'typescript/bin/tsc' })).toBe(false));
});
