/** The type of a variable; see `EnvOptions.type`. */
export type EnvType = 'string' | 'int' | 'boolean' | 'url' | 'list' | 'durationSeconds' | 'rateLimit' | 'secret';

/** The value of a variable of the type `rateLimit`. */
export interface RateLimit {
  points: number;
  seconds: number;
}

/** The description of one environment variable. */
export interface EnvOptions {
  /** Name of the variable. */
  name: string;
  /** `list`: comma separated. `durationSeconds`: a number of seconds, or with a unit: 90s, 15m, 12h, 30d. `rateLimit`: points per time, such as 10/60 or 10/15m. `secret`: a string that is never shown. */
  type: EnvType;
  /** The value when the variable is not set or empty; of a `rateLimit`, as it is written in the environment. */
  default?: string | number | boolean | string[];
  /** Without a default, the property is undefined when the variable is not set. */
  optional?: boolean;
  /** Bounds of a number, of the length of a text, or of the number of items of a list. */
  min?: number;
  max?: number;
  oneOf?: readonly (string | number)[];
  /** `<name>_FILE` can name a file with the value instead. Always so for a `secret`. */
  orFile?: boolean;
  /** For operators: what it does, its unit, what empty means. */
  description: string;
}

/** Whether `<name>_FILE` can name a file with the value. */
export const isFileAllowed = ({ type, orFile }: EnvOptions): boolean => orFile ?? type === 'secret';

/** A class whose properties have `@Env()` or `@Section()`. */
export type ConfigClass<T extends object = object> = new () => T;

/** One decorated property. */
export interface ConfigField {
  property: string;
  env?: EnvOptions;
  section?: ConfigClass;
}

const fieldsByPrototype = new WeakMap<object, ConfigField[]>();

function addField(prototype: object, field: ConfigField): void {
  const fields = fieldsByPrototype.get(prototype);
  if (fields) fields.push(field);
  else fieldsByPrototype.set(prototype, [field]);
}

/** The property is read from this environment variable. */
export function Env(options: EnvOptions): PropertyDecorator {
  return (prototype, property) => addField(prototype, { property: String(property), env: options });
}

/** The property is a config class of its own, read from the same environment. */
export function Section(section: ConfigClass): PropertyDecorator {
  return (prototype, property) => addField(prototype, { property: String(property), section });
}

/** The decorated properties of a class and of its base classes, the base first. A property that is declared again replaces that of the base. */
export function configFields(target: ConfigClass): ConfigField[] {
  const chain: object[] = [];
  for (let prototype: object | null = target.prototype; prototype; prototype = Object.getPrototypeOf(prototype)) chain.unshift(prototype);
  const fields = new Map<string, ConfigField>();
  for (const field of chain.flatMap((prototype) => fieldsByPrototype.get(prototype) ?? [])) fields.set(field.property, field);
  return [...fields.values()];
}
