import { Env } from './env.decorators.js';
import type { ConfigWithChecks } from './load-config.js';

/** The address of Redis, or of its Sentinels. REDIS_URL takes precedence over REDIS_HOST and REDIS_PORT; `url` is always set after loading. */
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

  @Env({
    name: 'REDIS_SENTINELS',
    type: 'list',
    default: [],
    description:
      'Redis Sentinels as host:port, comma separated. They name the primary; user, password and TLS are those of REDIS_URL. Empty: no Sentinel',
  })
  sentinels: string[];

  @Env({ name: 'REDIS_SENTINEL_NAME', type: 'string', default: 'mymaster', description: 'Name of the primary that the Sentinels watch' })
  sentinelName: string;

  @Env({ name: 'REDIS_SENTINEL_PASSWORD', type: 'secret', optional: true, description: 'Password of the Sentinels themselves' })
  sentinelPassword?: string;

  /** A config from a URL, for tests and scripts. */
  static fromUrl(url: string): RedisConfig {
    return Object.assign(new RedisConfig(), { url, sentinels: [] });
  }

  validate(): string[] {
    this.url ??= `redis://${this.host}:${this.port}`;
    const problems = this.sentinels.filter(
      (sentinel) => !URL.canParse(`redis://${sentinel}`) || new URL(`redis://${sentinel}`).port === '',
    );
    return [
      ...(URL.canParse(this.url) && /^rediss?:$/.test(new URL(this.url).protocol) ? [] : ['REDIS_URL must look like redis://host:port']),
      ...problems.map((sentinel) => `REDIS_SENTINELS must be a list of host:port, not ${JSON.stringify(sentinel)}`),
    ];
  }
}
