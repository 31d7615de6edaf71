import { describeConfig, type EnvVariable } from './describe-config.js';
import type { ConfigClass } from './env.decorators.js';

/**
 * The text of `.env.example`: every variable of the config classes, given by the names of their services. Variables that several services
 * read come first.
 */
export function exampleEnvironment(configs: Record<string, ConfigClass>): string {
  const services = Object.entries(configs).map(([name, config]) => ({ name, variables: describeConfig(config) }));
  const usersOf = (variable: EnvVariable) => services.filter(({ variables }) => variables.some(isSame(variable))).map(({ name }) => name);
  const all = services.flatMap(({ variables }) => variables);
  const common = all.filter((variable, at) => usersOf(variable).length > 1 && all.findIndex(isSame(variable)) === at);
  const describe = (variable: EnvVariable) => {
    const users = usersOf(variable);
    return entry(variable, users.length > 1 && users.length < services.length ? `Read by ${users.join(', ')}.` : '');
  };
  const sections = [
    '# Generated from the config classes of the services by `npm run generate`; never edited by hand.',
    '# `npm start` needs none of these. A value that is commented out is the default; an empty one must be given.',
    '# Where <NAME>_FILE is named, it can be set instead: to the path of a file that contains the value.',
    section('Several services', common.map(describe)),
    ...services.map(({ name, variables }) => section(name, variables.filter((one) => usersOf(one).length === 1).map(describe))),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

/** A variable has the same meaning in every service that reads it; PORT has another default in each. */
const isSame = (one: EnvVariable) => (other: EnvVariable) => one.name === other.name && one.default === other.default;

function section(title: string, entries: string[]): string {
  return entries.length === 0 ? '' : [`# ---- ${title} ----`, ...entries].join('\n\n');
}

function entry({ name, description, default: value, required, oneOf, orFile }: EnvVariable, users: string): string {
  const sentence = description + (/[.!?]$/.test(description) ? '' : '.');
  const notes = [sentence, oneOf ? `One of: ${oneOf.join(', ')}.` : '', orFile ? `Or ${name}_FILE.` : '', users].filter(
    (note) => note !== '',
  );
  return [...notes.map((note) => `# ${note}`), required ? `${name}=` : `# ${name}=${value ?? ''}`].join('\n');
}
