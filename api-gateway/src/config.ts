import { CommonConfig, Env, type ConfigWithChecks, RedisConfig, Section, InternalIssuerConfig } from '@chat/shared/config';
import { SERVICE_PORTS } from '@chat/shared/contracts';
import { FilesConfig } from './files/files.config.js';
import { SocketsConfig } from './sockets/sockets.config.js';
import { OperationLimitsConfig } from './graphql/operation-limits.config.js';

/** The variables of the gateway. */
export class GatewayConfig extends CommonConfig implements ConfigWithChecks {
  @Env({
    name: 'PORT',
    type: 'int',
    default: SERVICE_PORTS['api-gateway'],
    min: 0,
    max: 65_535,
    description: 'Port of GraphQL over HTTP and WebSocket',
  })
  port: number;

  @Env({ name: 'CHAT_SERVICE_URL', type: 'url', default: 'http://127.0.0.1:3002', description: 'URL of chat-service' })
  chatServiceUrl: string;

  @Env({
    name: 'CHAT_SEND_ADDRESS',
    type: 'string',
    default: '127.0.0.1:8002',
    description: 'host:port of the TCP transport of chat-service, for sends',
  })
  chatSendAddress: string;

  @Env({ name: 'PRESENCE_SERVICE_URL', type: 'url', default: 'http://127.0.0.1:3003', description: 'URL of presence-service' })
  presenceServiceUrl: string;

  @Env({ name: 'PROFILE_SERVICE_URL', type: 'url', default: 'http://127.0.0.1:3004', description: 'URL of profile-service' })
  profileServiceUrl: string;

  @Env({
    name: 'NOTIFICATION_SERVICE_URL',
    type: 'url',
    default: 'http://127.0.0.1:3005',
    description: 'URL of notification-service',
  })
  notificationServiceUrl: string;

  @Env({
    name: 'GRAPHQL_INTROSPECTION',
    type: 'boolean',
    optional: true,
    description: 'Whether clients may query the schema; empty: yes, except in production',
  })
  introspection: boolean;

  @Env({
    name: 'GRAPHQL_PLAYGROUND',
    type: 'boolean',
    optional: true,
    description: 'Whether GraphiQL is served at /graphql, and / redirects to it; empty: yes, except in production',
  })
  playground: boolean;

  @Env({
    name: 'CORS_ORIGINS',
    type: 'list',
    default: [],
    description: 'Origins of web clients that may send requests from a browser, comma separated; empty: only the origin of the gateway',
  })
  corsOrigins: string[];

  @Env({
    name: 'TRUST_PROXY',
    type: 'int',
    default: 0,
    min: 0,
    max: 10,
    description:
      'Number of trusted proxies in front of the gateway, each of which appends to X-Forwarded-For; 0: the address of the connection is the address of the client',
  })
  trustedProxies: number;

  @Section(InternalIssuerConfig)
  internalIssuer: InternalIssuerConfig;

  @Section(SocketsConfig)
  sockets: SocketsConfig;

  @Section(FilesConfig)
  files: FilesConfig;

  @Section(OperationLimitsConfig)
  rateLimits: OperationLimitsConfig;

  @Section(RedisConfig)
  redis: RedisConfig;

  validate(): string[] {
    const isDevelopment = this.nodeEnv !== 'production';
    this.introspection ??= isDevelopment;
    this.playground ??= isDevelopment;
    return /^[^\s:]+:\d{1,5}$/.test(this.chatSendAddress) ? [] : ['CHAT_SEND_ADDRESS must be host:port'];
  }
}
