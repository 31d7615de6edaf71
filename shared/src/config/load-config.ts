import { ConfigError } from './config-error.js';
import { configFields, isFileAllowed, type ConfigClass, type EnvOptions, type RateLimit } from './env.decorators.js';
import { isSampleSecret } from './sample-secrets.js';
import { textOrFile } from './variable-text.js';

/** A config class that derives further properties after loading, and checks how the variables fit together. */
export interface ConfigWithChecks {
  /** Gives the problems, each beginning with the name of a variable. */
  validate(): string[];
}

/**
 * Reads a config class from the environment. An empty variable counts as not set. `<NAME>_FILE` can name a file with the value of a secret.
 * With NODE_ENV=production, a secret with a sample value is refused. Throws one ConfigError that lists all problems. No other code of the services reads `process.env`.
 */
export function loadConfig<T extends object>(target: ConfigClass<T>, env: NodeJS.ProcessEnv = process.env): T {
  const problems: string[] = [];
  const config = read(target, env, problems) as T;
  if (problems.length > 0) throw new ConfigError([...new Set(problems)]);
  return config;
}

function read(target: ConfigClass, env: NodeJS.ProcessEnv, problems: string[]): object {
  const config = new target() as Record<string, unknown>;
  const before = problems.length;
  for (const { property, env: options, section } of configFields(target)) {
    config[property] = section ? read(section, env, problems) : readVariable(options!, env, problems);
  }
  const { validate: finish } = config as Partial<ConfigWithChecks>;
  if (typeof finish === 'function' && problems.length === before) problems.push(...finish.call(config as unknown as ConfigWithChecks));
  return config;
}

function readVariable(options: EnvOptions, env: NodeJS.ProcessEnv, problems: string[]): unknown {
  let text: string | undefined;
  try {
    text = isFileAllowed(options) ? textOrFile(options.name, env) : env[options.name]?.trim();
  } catch (error) {
    problems.push((error as Error).message);
    return undefined;
  }
  if (text === undefined || text === '') {
    if (options.default !== undefined) return options.type === 'rateLimit' ? parse(String(options.default), options) : options.default;
    if (!options.optional) problems.push(`${options.name} is not set: ${options.description}`);
    return undefined;
  }
  try {
    const value = parse(text, options);
    checkBounds(value, options);
    if (options.type === 'secret' && env.NODE_ENV?.trim() === 'production' && isSampleSecret(text))
      throw new Error('is a sample value, which is not allowed with NODE_ENV=production: every installation needs one of its own');
    return value;
  } catch (error) {
    const shown = options.type === 'secret' ? '' : ` (it is ${JSON.stringify(text.slice(0, 100))})`;
    problems.push(`${options.name} ${(error as Error).message}${shown}`);
    return undefined;
  }
}

const SECONDS_PER_UNIT: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

type EnvValue = string | number | boolean | string[] | RateLimit;

function parse(text: string, { type }: EnvOptions): EnvValue {
  switch (type) {
    case 'int': {
      const value = Number(text);
      if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) throw new Error('must be a whole number');
      return value;
    }
    case 'boolean':
      if (text === 'true' || text === '1') return true;
      if (text === 'false' || text === '0') return false;
      throw new Error('must be true or false');
    case 'url':
      if (!URL.canParse(text)) throw new Error('must be an address with its scheme, such as http://127.0.0.1:3001');
      return text.replace(/\/+$/, '');
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'durationSeconds':
      return parseSeconds(text);
    case 'rateLimit':
      return parseRateLimit(text);
    case 'string':
    case 'secret':
      return text;
  }
}

function parseSeconds(text: string): number {
  const match = /^(\d+)([smhd]?)$/.exec(text);
  if (!match) throw new Error('must be a number of seconds, or a number with s, m, h or d');
  return Number(match[1]) * SECONDS_PER_UNIT[match[2]!]!;
}

function parseRateLimit(text: string): RateLimit {
  const [, points, time] = /^([1-9]\d{0,8})\/([1-9]\d{0,5}[smhd]?)$/.exec(text) ?? [];
  if (!points || !time) throw new Error('must be a number of points per time, such as 10/60 or 10/15m');
  return { points: Number(points), seconds: parseSeconds(time) };
}

function checkBounds(value: EnvValue, { min, max, oneOf }: EnvOptions): void {
  if (oneOf && !oneOf.includes(value as string | number)) throw new Error(`must be one of ${oneOf.join(', ')}`);
  if (typeof value === 'boolean' || (typeof value === 'object' && !Array.isArray(value))) return;
  const size = typeof value === 'number' ? value : value.length;
  const unit = typeof value === 'number' ? '' : Array.isArray(value) ? ' items' : ' characters';
  if (min !== undefined && size < min) throw new Error(`must be at least ${min}${unit}`);
  if (max !== undefined && size > max) throw new Error(`must be at most ${max}${unit}`);
}
