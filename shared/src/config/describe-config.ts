import { configFields, isFileAllowed, type ConfigClass, type EnvType } from './env.decorators.js';

/** One variable, for `.env.example` and the READMEs. */
export interface EnvVariable {
  name: string;
  type: EnvType;
  description: string;
  /** As it is written in the environment; undefined when there is none. */
  default: string | undefined;
  /** The service does not start without it. */
  required: boolean;
  secret: boolean;
  /** `<name>_FILE` can name a file with the value. */
  orFile: boolean;
  oneOf: readonly (string | number)[] | undefined;
}

/** Every variable that a config class reads, its sections included, in the order of declaration. */
export function describeConfig(target: ConfigClass): EnvVariable[] {
  return configFields(target).flatMap(({ env, section }) => {
    if (section) return describeConfig(section);
    if (!env) return [];
    return [
      {
        name: env.name,
        type: env.type,
        description: env.description,
        default: env.default === undefined ? undefined : String(env.default),
        required: env.default === undefined && !env.optional,
        secret: env.type === 'secret',
        orFile: isFileAllowed(env),
        oneOf: env.oneOf,
      },
    ];
  });
}
