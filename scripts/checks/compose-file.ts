import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pinnedVersion } from '../infra/java.ts';
import { PORTS } from '../infra/index.ts';
import { ROOT } from '../paths.ts';

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** PostgreSQL's settings that are another matter in a container. */
const WHERE_TO_LISTEN = ['listen_addresses', 'unix_socket_directories'];

/** What is wrong with docker-compose.yml: where it departs from infra/, from what infra/README.md says, and what nobody may do in it. */
export function composeFileProblems(): string[] {
  const compose = read('docker-compose.yml');
  return [...imageProblems(compose), ...portProblems(compose), ...postgresProblems(compose), ...variableProblems(compose)];
}

function imageProblems(compose: string): string[] {
  const images = [...compose.matchAll(/^ +image: (\S+)$/gm)].map(([, image = '']) => image);
  const floating = images.filter((image) => !/:v?\d/.test(image)).map((image) => `image ${image}: name a version`);
  const registry = `apicurio/apicurio-registry-mem:${pinnedVersion('apicurio')}`;
  return images.includes(registry) ? floating : [...floating, `the registry is ${registry} in infra/pom.xml`];
}

function portProblems(compose: string): string[] {
  const published = [...compose.matchAll(/^ +ports:(.*(?:\n +- .*)*)/gm)]
    .flatMap(([, list = '']) => list.split(/[\n,]/))
    .map((port) => port.replace(/^ *- |[[\]'" ]/g, ''))
    .filter((port) => port !== '');
  if (published.length === 0) return ['no published port was found'];
  const open = published.filter((port) => !/^127\.0\.0\.1:\$\{CHAT_DOCKER_[A-Z]+_PORT:-\d+\}:\d+$/.test(port));
  const local = Object.values(PORTS).map(({ port }) => port);
  const taken = defaults(compose).filter(([, value]) => local.includes(Number(value)));
  return [
    ...open.map((port) => `port ${port}: publish it on 127.0.0.1, by a variable CHAT_DOCKER_…_PORT with a default`),
    ...taken.map(([name]) => `${name} has the default of a part that npm start runs: both may run at once`),
  ];
}

function postgresProblems(compose: string): string[] {
  const settings = [...read('infra/postgres/postgresql.conf').matchAll(/^(\w+) = (.*)$/gm)];
  if (settings.length === 0) return ['no setting was found in infra/postgres/postgresql.conf'];
  return settings
    .filter(([, name = '']) => !WHERE_TO_LISTEN.includes(name))
    .filter(([, name, value]) => !['\n', ' "\n'].some((end) => compose.includes(`${name}=${value}${end}`)))
    .map(([, name, value]) => `PostgreSQL: infra/postgres/postgresql.conf says ${name} = ${value}`);
}

function variableProblems(compose: string): string[] {
  const readme = read('infra/README.md').split('\n');
  return defaults(compose)
    .filter(([name, value]) => !readme.some((line) => line.includes(`\`${name}\``) && line.includes(value)))
    .map(([name, value]) => `${name}, default ${value}: infra/README.md does not say so`);
}

/** Each variable of the file with its default. */
function defaults(compose: string): [name: string, value: string][] {
  return [...compose.matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name = '', value = '']) => [name, value]);
}
