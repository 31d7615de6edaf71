import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SERVICES } from './services.ts';
import { TemporaryProject } from './testing/temporary-project.ts';

const BUILD = `const { buildWhenChanged } = await import('./scripts/build.ts');
  await buildWhenChanged((text) => console.log(text)).catch((error) => console.log(error.name, error.message));`;

let project: TemporaryProject;
beforeEach(() => {
  project = new TemporaryProject({
    'tsconfig.json': '{ "files": [], "references": [{ "path": "./shared" }] }',
    'shared/tsconfig.json':
      '{ "compilerOptions": { "composite": true, "rootDir": "src", "outDir": "dist", "types": [], "lib": ["es5"], "skipLibCheck": true }, "include": ["src"] }',
    'shared/src/config/index.ts': 'export const one: number = 1;',
    'shared/src/sql/functions.sql': 'select 1',
    'setup/dist/index.js': '',
    ...Object.fromEntries(SERVICES.map(({ name }) => [`${name}/dist/main.js`, ''])),
  });
  project.linkPackages();
});
afterEach(() => project.remove());

it('compiles the sources and copies the files that are not TypeScript, and only when a source has changed', async () => {
  expect((await project.run(BUILD)).output).toBe('building ...\nbuilt\n');
  expect(readFileSync(project.path('shared/dist/config/index.js'), 'utf8')).toContain('one = 1');
  expect(readFileSync(project.path('shared/dist/sql/functions.sql'), 'utf8')).toBe('select 1');

  expect((await project.run(BUILD)).output).toBe('');
  project.write('shared/src/sql/functions.sql', 'select 1000');
  expect((await project.run(BUILD)).output).toBe('building ...\nbuilt\n');
  expect(readFileSync(project.path('shared/dist/sql/functions.sql'), 'utf8')).toBe('select 1000');
});

it('shows what the compiler says about an error, each time until it is corrected', async () => {
  project.write('shared/src/config/index.ts', "export const one: number = 'a';");
  for (let time = 0; time < 2; time += 1) {
    const { output } = await project.run(BUILD);
    expect(output).toContain('UserError The build failed.');
    expect(output).toContain('shared/src/config/index.ts');
  }
  expect(existsSync(project.path('.cache/build-stamp'))).toBe(false);
});
