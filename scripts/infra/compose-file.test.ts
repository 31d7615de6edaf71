import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../paths.ts';
import { INFRA_PORTS } from './index.ts';
import { pinnedVersion } from './java.ts';

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const compose = read('infra/compose.yml');
const images = [...compose.matchAll(/^ +image: (\S+)$/gm)].map(([, image = '']) => image);
/** Each variable of the file with its default. */
const variables = [...compose.matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name = '', value = '']) => ({ name, value }));

it('every image has a version, and the registry has the version of infra/pom.xml', () => {
  expect(images.filter((image) => !/:v?\d/.test(image))).toEqual([]);
  expect(images).toContain(`apicurio/apicurio-registry-mem:${pinnedVersion('apicurio')}`);
});

it('every port is published on 127.0.0.1 only, and a variable chooses it', () => {
  const published = [...compose.matchAll(/^ +ports:(.*(?:\n +- .*)*)/gm)]
    .flatMap(([, list = '']) => list.split(/[\n,]/))
    .map((port) => port.replace(/^ *- |[[\]'" ]/g, ''))
    .filter((port) => port !== '');
  expect(published.length).toBeGreaterThan(0);
  expect(published.filter((port) => !/^127\.0\.0\.1:\$\{CHAT_\w+_PORT:-\d+\}:\d+$/.test(port))).toEqual([]);
});

it('no default port is one that npm start uses: both may run at once', () => {
  const local = Object.values(INFRA_PORTS).map(({ port }) => port);
  expect(variables.filter(({ value }) => local.includes(Number(value)))).toEqual([]);
});

it('infra/README.md names every variable and its default', () => {
  const lines = read('infra/README.md').split('\n');
  expect(variables.filter(({ name, value }) => !lines.some((line) => line.includes(`\`${name}\``) && line.includes(value)))).toEqual([]);
});
