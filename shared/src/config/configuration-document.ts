import { describeConfig, type EnvVariable } from './describe-config.js';
import type { ConfigClass } from './env.decorators.js';

interface Row extends EnvVariable {
  services: string[];
  defaults: string[];
}

const HEAD = `<!-- Generated from the config classes of the services by \`npm run generate\`; never edited by hand. -->

# Configuration

Every variable of the services. An empty variable counts as not set. A service with a bad value does not start, and names the variable.
\`.env.example\` has the same list as a file.

A variable with \`_FILE\` in its row can be given as a file instead, as container platforms provide secrets: \`AUTH_SECRET_FILE\` is the path of a file
with the value of AUTH_SECRET; a line end at its end does not belong to the value. It is an error to set both, and if the file is empty or cannot be read.

With \`NODE_ENV=production\` a service does not start with a sample value of a secret: the defaults of this repository, words as in documents and examples (changeme, postgres, my-secret-key), a repetition or a sequence.

## Rate limits

A class of operations has points per time, such as 10/60 or 10/15m: at most 10 in any 60 seconds or 15 minutes. Each root field of an operation takes a point, aliases included.
A user has the points of the class. An address (IPv6: a /64) has them for requests without a valid token, and for all its users together those of RATE_LIMIT_USERS_PER_ADDRESS users.
RATE_LIMIT_SCALE multiplies all of them. An operation above a limit is answered RATE_LIMITED with \`retryAfterSeconds\`, over HTTP also with \`Retry-After\`; see [security/rate-limits.md](security/rate-limits.md).
`;

/** The text of docs/configuration.md: every variable of the config classes once, the rate limits first. */
export function configurationDocument(configs: Record<string, ConfigClass>): string {
  const rows = new Map<string, Row>();
  for (const [service, config] of Object.entries(configs)) {
    for (const variable of describeConfig(config)) {
      const row = rows.get(variable.name) ?? { ...variable, services: [], defaults: [] };
      row.services.push(service);
      row.defaults.push(variable.default ?? '');
      rows.set(variable.name, row);
    }
  }
  const serviceCount = Object.keys(configs).length;
  const isRateLimit = ({ name }: Row) => name.startsWith('RATE_LIMIT_');
  const [limits, others] = [[...rows.values()].filter(isRateLimit), [...rows.values()].filter((row) => !isRateLimit(row))];
  return [HEAD, table(limits, serviceCount), '## All others\n', table(others, serviceCount)].join('\n');
}

function table(rows: Row[], serviceCount: number): string {
  const lines = rows.map(({ name, description, services, defaults, required, oneOf, orFile }) => {
    const isSame = new Set(defaults).size === 1;
    const value = required ? 'none: must be set' : isSame ? defaults[0] : services.map((one, at) => `${one} ${defaults[at]}`).join(', ');
    const meaning = `${description}${oneOf ? ` (${oneOf.join(', ')})` : ''}`.replaceAll('|', '\\|');
    const names = `\`${name}\`${orFile ? ' or `…_FILE`' : ''}`;
    return `| ${names} | ${value} | ${services.length === serviceCount ? 'all' : services.join(', ')} | ${meaning} |`;
  });
  return ['| variable | default | read by | meaning |', '| --- | --- | --- | --- |', ...lines, ''].join('\n');
}
