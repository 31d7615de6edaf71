import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../paths.ts';
import { INFRA_PORTS } from './index.ts';
import { readComposeFile } from '../compose/compose-file.ts';
import { pinnedVersion } from './java.ts';
import { WHEEL_REDIS_VERSION } from './redis.ts';

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const compose = read('infra/compose.yml');
const images = [...compose.matchAll(/^ +image: (\S+)$/gm)].map(([, image = '']) => image);
/** Each variable of the file with its default. */
const variables = [...compose.matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name = '', value = '']) => ({ name, value }));

it('every image has a version; Kafka, the registry, PostgreSQL and Redis have that of the local parts', () => {
  expect(images.filter((image) => !/:v?\d/.test(image))).toEqual([]);
  const { embeddedPostgres, redis } = localVersions();
  expect(images).toContain(`apache/kafka:${pinnedVersion('kafka')}`);
  expect(images).toContain(`apicurio/apicurio-registry-mem:${pinnedVersion('apicurio')}`);
  expect(images).toContain(`postgres:${embeddedPostgres}`);
  expect(images).toContain(`redis:${redis}`);
});

it('compose.yml has the same images', () => {
  const whole = Object.values(readComposeFile('compose.yml').services).map(({ image = '' }) => image);
  expect(images.filter((image) => !whole.includes(image))).toEqual([]);
});

/** The major versions of the npm package of PostgreSQL and of the Redis that is fetched where the system has none. */
function localVersions() {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
  return { embeddedPostgres: devDependencies['embedded-postgres']?.split('.')[0], redis: WHEEL_REDIS_VERSION.split('.')[0] };
}

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
