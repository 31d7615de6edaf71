import path from 'node:path';
import type { ConfigClass, EnvVariable } from '@chat/shared/config';
import { ROOT } from '../paths.ts';
import { SERVICES } from '../services.ts';

interface ServiceVariables {
  service: string;
  variables: EnvVariable[];
}

/** `.env.example`: every variable of every service, from their config classes. The services must be built. */
export async function exampleEnvironment(): Promise<string> {
  const { describeConfig } = await import('@chat/shared/config');
  const all: ServiceVariables[] = [];
  for (const { name } of SERVICES) all.push({ service: name, variables: describeConfig(await configClassOf(name)) });

  const usersOf = (variable: EnvVariable) => all.filter(({ variables }) => variables.some(isSame(variable))).map(({ service }) => service);
  const common = all
    .flatMap(({ variables }) => variables)
    .filter((variable, at, list) => usersOf(variable).length > 1 && list.findIndex(isSame(variable)) === at);
  const sections = [
    '# Generated from the config classes of the services by `npm run generate`; never edited by hand.',
    '# `npm start` needs none of these. A value that is commented out is the default; an empty one must be given.',
    section(
      'Several services',
      common.map((variable) => entry(variable, usersOf(variable))),
    ),
    ...all.map(({ service, variables }) => {
      const own = variables.filter((variable) => usersOf(variable).length === 1);
      return section(
        service,
        own.map((variable) => entry(variable, [])),
      );
    }),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

/** A variable has the same meaning in every service that reads it; PORT has another default in each. */
const isSame = (one: EnvVariable) => (other: EnvVariable) => one.name === other.name && one.default === other.default;

async function configClassOf(service: string): Promise<ConfigClass> {
  const module = (await import(path.join(ROOT, service, 'dist/config.js'))) as Record<string, unknown>;
  const { describeConfig } = await import('@chat/shared/config');
  const found = Object.values(module).find((one) => typeof one === 'function' && describesPort(describeConfig(one as ConfigClass)));
  if (!found) throw new Error(`${service}/src/config.ts exports no config class with PORT`);
  return found as ConfigClass;
}

const describesPort = (variables: EnvVariable[]) => variables.some(({ name }) => name === 'PORT');

function section(title: string, entries: string[]): string {
  return entries.length === 0 ? '' : [`# ---- ${title} ----`, ...entries].join('\n\n');
}

function entry({ name, description, default: value, required, oneOf }: EnvVariable, users: string[]): string {
  const notes = [
    description + (/[.!?]$/.test(description) ? '' : '.'),
    ...(oneOf ? [`One of: ${oneOf.join(', ')}.`] : []),
    ...(users.length > 0 && users.length < SERVICES.length ? [`Read by ${users.join(', ')}.`] : []),
  ];
  return [...notes.map((note) => `# ${note}`), required ? `${name}=` : `# ${name}=${value ?? ''}`].join('\n');
}
