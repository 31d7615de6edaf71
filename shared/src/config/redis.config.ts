import { Env } from './env.decorators.js';
import type { ConfigWithChecks } from './load-config.js';

/** The address of Redis. REDIS_URL takes precedence over REDIS_HOST and REDIS_PORT; `url` is always set after loading. */
export class RedisConfig implements ConfigWithChecks {
  @Env({
    name: 'REDIS_URL',
    type: 'secret',
    optional: true,
    description: 'redis://user:password@host:port, rediss:// for TLS. Empty: REDIS_HOST and REDIS_PORT are used',
  })
  url: string;

  @Env({ name: 'REDIS_HOST', type: 'string', default: '127.0.0.1', description: 'Host of Redis' })
  host: string;

  @Env({ name: 'REDIS_PORT', type: 'int', default: 6379, min: 1, max: 65_535, description: 'Port of Redis' })
  port: number;

  /** A config from a URL, for tests and scripts. */
  static fromUrl(url: string): RedisConfig {
    return Object.assign(new RedisConfig(), { url });
  }

  validate(): string[] {
    this.url ??= `redis://${this.host}:${this.port}`;
    return URL.canParse(this.url) && /^rediss?:$/.test(new URL(this.url).protocol) ? [] : ['REDIS_URL must look like redis://host:port'];
  }
}
