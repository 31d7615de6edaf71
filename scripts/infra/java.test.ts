import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TemporaryProject } from '../testing/temporary-project.ts';

const POM = '<project><kafka.version>9.8.7</kafka.version></project>';
const call = (code: string) => `const java = await import('./scripts/infra/java.ts');
  await (async () => { ${code} })().catch((error) => console.log(error.message));`;

let project: TemporaryProject;
beforeEach(() => {
  project = new TemporaryProject({ 'infra/pom.xml': POM });
  project.linkPackages();
});
afterEach(() => project.remove());

const tool = (name: string, script: string) => project.write(`bin/${name}`, `#!/bin/sh\n${script}\n`, 0o755);
const run = (code: string) => project.run(call(code), { PATH: `${project.path('bin')}:/usr/bin:/bin` });
const javaOf = (version: string) => tool('java', `echo 'openjdk version "${version}" 2026-01-01'`);

it('reads the versions in infra/pom.xml', async () => {
  expect((await run(`console.log(java.pinnedVersion('kafka')); java.pinnedVersion('apicurio')`)).output).toBe(
    '9.8.7\ninfra/pom.xml names no apicurio.version\n',
  );
});

it('takes a Java of version 17 or newer, and says what to do about another one', async () => {
  javaOf('11.0.2');
  expect((await run('await java.requireJava()')).output).toMatch(
    /Java 17 or newer is needed for Kafka; .* is Java 11\. Install openjdk-17/,
  );
  tool('java', 'echo "install Java first" >&2; exit 1');
  expect((await run('await java.requireJava()')).output).toMatch(/bin\/java does not work/);
  javaOf('21.0.1');
  expect((await run('console.log(await java.requireJava())')).output).toBe(`${project.path('bin/java')}\n`);
});

it('uses a class archive once a stop has completed it', async () => {
  javaOf('21.0.1');
  const code = `const file = await java.requireJava();
    const { flag, keep } = java.classArchive(file, 'kafka');
    console.log(flag.replace(/=.*java-/, '=java-').replace(/-[0-9a-f]{12}/, '').replace(/[.][0-9]+$/, ''));`;
  const written = `const { writeFileSync } = await import('node:fs'); writeFileSync(flag.split('=')[1], ''); keep();`;
  expect((await run(code)).output).toBe('-XX:ArchiveClassesAtExit=java/kafka.jsa\n');
  expect((await run(`${code} ${written}`)).output).toBe('-XX:ArchiveClassesAtExit=java/kafka.jsa\n');
  expect((await run(code)).output).toBe('-XX:SharedArchiveFile=java/kafka.jsa\n');
});

it('fetches once, one thing after the other, and repeats what was interrupted', async () => {
  tool(
    'mvn',
    'echo "start $*" >> "$PWD/mvn.log"; [ -f fail ] && exit 1; for one; do case $one in *outputDirectory=*) mkdir -p "${one#*=}"; echo jar > "${one#*=}/b.jar"; echo jar > "${one#*=}/a.jar";; esac; done; echo end >> "$PWD/mvn.log"',
  );
  const fetchBoth = `await Promise.all([java.fetchJars('jars', 'Kafka'), java.fetchArchive('archive', 'the registry', 'g:a:1')]); console.log(java.classPath('jars'));`;
  project.write('fail', '');
  expect((await run(fetchBoth)).code).toBe(0);
  expect(existsSync(project.path('jars'))).toBe(false);

  rmSync(project.path('fail'));
  expect((await run(fetchBoth)).output).toContain('jars/a.jar:jars/b.jar');
  await run(fetchBoth);
  const log = readFileSync(project.path('mvn.log'), 'utf8').trim().split('\n');
  expect(log.slice(-4).map((line) => line.split(' ')[0])).toEqual(['start', 'end', 'start', 'end']);
  expect(readdirSync(project.root).filter((name) => /^(jars|archive)\./.test(name))).toEqual([]);
});
