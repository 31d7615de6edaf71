import { Env } from './env.decorators.js';
import type { ConfigWithChecks } from './load-config.js';

/** The PostgreSQL of a service. DATABASE_URL takes precedence over the single variables; the password may be in DB_PASSWORD alone. */
export class DatabaseConfig implements ConfigWithChecks {
  @Env({
    name: 'DATABASE_URL',
    type: 'secret',
    optional: true,
    description: 'postgres://user:password@host:port/name; add ?sslmode=require for TLS. Empty: the DB_ variables are used',
  })
  url?: string;

  @Env({ name: 'DB_HOST', type: 'string', default: '127.0.0.1', description: 'Host of PostgreSQL' })
  host: string;

  @Env({ name: 'DB_PORT', type: 'int', default: 5432, min: 1, max: 65_535, description: 'Port of PostgreSQL' })
  port: number;

  @Env({ name: 'DB_USERNAME', type: 'string', optional: true, description: 'Login role of the service, such as chat_service' })
  username: string;

  @Env({ name: 'DB_PASSWORD', type: 'secret', optional: true, description: 'Password of the login role, unless DATABASE_URL has one' })
  password: string;

  @Env({ name: 'DB_NAME', type: 'string', default: 'chat', description: 'Name of the database' })
  name: string;

  @Env({ name: 'DB_POOL_SIZE', type: 'int', default: 8, min: 1, max: 200, description: 'The largest number of connections of a process' })
  poolSize: number;

  /** `sslmode` in DATABASE_URL takes precedence. */
  @Env({
    name: 'DB_SSL',
    type: 'boolean',
    default: false,
    description: 'TLS to PostgreSQL. The certificate is verified; NODE_EXTRA_CA_CERTS adds a private authority',
  })
  ssl: boolean;

  /** A config from a URL, for tests and scripts. */
  static fromUrl(url: string, poolSize = 8): DatabaseConfig {
    const config = Object.assign(new DatabaseConfig(), { url, poolSize, ssl: false });
    const problems = config.validate();
    if (problems.length > 0) throw new Error(problems.join('; '));
    return config;
  }

  validate(): string[] {
    if (!this.url) {
      return this.username ? [] : ['DB_USERNAME is not set, and neither is DATABASE_URL'];
    }
    if (!URL.canParse(this.url)) return ['DATABASE_URL must look like postgres://user:password@host:port/name'];
    const url = new URL(this.url);
    if (!/^postgres(ql)?:$/.test(url.protocol) || url.pathname.length < 2 || url.username === '')
      return ['DATABASE_URL must look like postgres://user:password@host:port/name'];
    this.host = url.hostname.replace(/^\[|\]$/g, '');
    this.port = url.port === '' ? 5432 : Number(url.port);
    this.username = decodeURIComponent(url.username);
    this.password = decodeURIComponent(url.password) || this.password;
    this.name = decodeURIComponent(url.pathname.slice(1));
    const sslMode = url.searchParams.get('sslmode');
    if (sslMode !== null) this.ssl = !['disable', 'allow', 'prefer'].includes(sslMode);
    return [];
  }
}
