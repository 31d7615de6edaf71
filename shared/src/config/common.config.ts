import { Env, Section } from './env.decorators.js';
import { MetricsConfig } from './metrics.config.js';

/** The variables of every service. The config class of a service extends it, and declares `port` with its own default. */
export class CommonConfig {
  @Env({
    name: 'NODE_ENV',
    type: 'string',
    default: 'development',
    oneOf: ['development', 'production', 'test'],
    description: 'The kind of this installation',
  })
  nodeEnv: 'development' | 'production' | 'test';

  @Env({
    name: 'LOG_LEVEL',
    type: 'string',
    default: 'info',
    oneOf: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    description: 'The lowest level that is logged; debug logs every request',
  })
  logLevel: string;

  @Env({ name: 'HOST', type: 'string', default: '127.0.0.1', description: 'Address to listen on; 0.0.0.0 in a container' })
  host: string;

  @Section(MetricsConfig)
  metrics: MetricsConfig;

  @Env({
    name: 'API_DOCS',
    type: 'boolean',
    optional: true,
    description: 'Whether the services document their REST APIs at /docs and /docs-json; empty: yes, except in production',
  })
  apiDocs?: boolean;

  @Env({ name: 'AUTH_SERVICE_URL', type: 'url', default: 'http://127.0.0.1:3001', description: 'URL of auth-service' })
  authServiceUrl: string;

  @Env({ name: 'JWT_ISSUER', type: 'string', default: 'chat-backend', description: 'iss of access tokens' })
  jwtIssuer: string;

  @Env({ name: 'JWT_AUDIENCE', type: 'string', default: 'chat-backend', description: 'aud of access tokens' })
  jwtAudience: string;
}
