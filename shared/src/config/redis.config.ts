import { Env } from './env.decorators.js';
import type { ConfigWithChecks } from './load-config.js';
import { withCredentials } from './url-credentials.js';

/**
 * The address of Redis, or of its Sentinels, or of nodes of a Redis Cluster. REDIS_URL takes precedence over the single variables; user and password may be in REDIS_USERNAME
 * and REDIS_PASSWORD alone. After loading, `url` has all of them.
 */
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
    name: 'REDIS_USERNAME',
    type: 'string',
    optional: true,
    description: 'User of this service in Redis, unless REDIS_URL has one; empty: the default user',
  })
  username?: string;

  @Env({
    name: 'REDIS_PASSWORD',
    type: 'secret',
    optional: true,
    description: 'Password of that user, unless REDIS_URL has one; empty: none',
  })
  password?: string;

  @Env({
    name: 'REDIS_SENTINELS',
    type: 'list',
    default: [],
    description:
      'Redis Sentinels as host:port, comma separated. They name the primary; user, password and TLS are the same as without. Empty: no Sentinel',
  })
  sentinels: string[];

  @Env({ name: 'REDIS_SENTINEL_NAME', type: 'string', default: 'mymaster', description: 'Name of the primary that the Sentinels watch' })
  sentinelName: string;

  @Env({ name: 'REDIS_SENTINEL_PASSWORD', type: 'secret', optional: true, description: 'Password of the Sentinels themselves' })
  sentinelPassword?: string;

  @Env({
    name: 'REDIS_CLUSTER_NODES',
    type: 'list',
    default: [],
    description:
      'Some nodes of a Redis Cluster as host:port, comma separated. They name the others; user, password and TLS are the same as without. Empty: no cluster',
  })
  clusterNodes: string[];

  /** A config from a URL, for tests and scripts. */
  static fromUrl(url: string): RedisConfig {
    return Object.assign(new RedisConfig(), { url, sentinels: [], clusterNodes: [] });
  }

  validate(): string[] {
    this.url ??= `redis://${this.host}:${this.port}`;
    const isAddress = URL.canParse(this.url) && /^rediss?:$/.test(new URL(this.url).protocol);
    if (isAddress) this.url = withCredentials(this.url, this.username, this.password);
    const isCluster = this.clusterNodes.length > 0;
    const namesDatabase = isAddress && /^\/[1-9]/.test(new URL(this.url).pathname);
    return [
      ...(isAddress ? [] : ['REDIS_URL must look like redis://host:port']),
      ...badAddresses('REDIS_SENTINELS', this.sentinels),
      ...badAddresses('REDIS_CLUSTER_NODES', this.clusterNodes),
      ...(isCluster && this.sentinels.length > 0 ? ['REDIS_CLUSTER_NODES and REDIS_SENTINELS exclude each other'] : []),
      ...(isCluster && namesDatabase ? ['REDIS_URL must not name a database: a Redis Cluster has one only'] : []),
    ];
  }
}

function badAddresses(variable: string, addresses: string[]): string[] {
  const isAddress = (text: string) => URL.canParse(`redis://${text}`) && new URL(`redis://${text}`).port !== '';
  return addresses
    .filter((address) => !isAddress(address))
    .map((address) => `${variable} must be a list of host:port, not ${JSON.stringify(address)}`);
}
