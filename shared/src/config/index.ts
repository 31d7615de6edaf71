export * from './common.config.js';
export * from './config-error.js';
export * from './database.config.js';
export * from './describe-config.js';
export * from './env-example.js';
export { Env, Section, type ConfigClass, type EnvOptions, type EnvType } from './env.decorators.js';
export * from './kafka.config.js';
export * from './load-config.js';
export * from './redis.config.js';
