import { CommonConfig, Env, type ConfigWithChecks, RedisConfig, Section } from '@chat/shared/config';

/** Everything the gateway can be told. */
export class GatewayConfig extends CommonConfig implements ConfigWithChecks {
  @Env({ name: 'PORT', type: 'int', default: 3000, min: 0, max: 65_535, description: 'Port of GraphQL, over HTTP and WebSocket' })
  port: number;

  @Env({ name: 'CHAT_SERVICE_URL', type: 'url', default: 'http://127.0.0.1:3002', description: 'Where chat-service answers' })
  chatServiceUrl: string;

  @Env({ name: 'CHAT_SEND_ADDRESS', type: 'string', default: '127.0.0.1:8002', description: "host:port of chat-service's send port" })
  chatSendAddress: string;

  @Env({ name: 'PRESENCE_SERVICE_URL', type: 'url', default: 'http://127.0.0.1:3003', description: 'Where presence-service answers' })
  presenceServiceUrl: string;

  @Env({ name: 'PROFILE_SERVICE_URL', type: 'url', default: 'http://127.0.0.1:3004', description: 'Where profile-service answers' })
  profileServiceUrl: string;

  @Env({
    name: 'NOTIFICATION_SERVICE_URL',
    type: 'url',
    default: 'http://127.0.0.1:3005',
    description: 'Where notification-service answers',
  })
  notificationServiceUrl: string;

  @Env({
    name: 'GRAPHQL_INTROSPECTION',
    type: 'boolean',
    optional: true,
    description: 'Whether clients may ask for the schema; empty: everywhere but in production',
  })
  introspection: boolean;

  @Env({
    name: 'GRAPHQL_PLAYGROUND',
    type: 'boolean',
    optional: true,
    description: 'Whether browsers get GraphiQL at /graphql; empty: everywhere but in production',
  })
  playground: boolean;

  @Env({
    name: 'CORS_ORIGINS',
    type: 'list',
    default: [],
    description: 'Origins of web clients that may call from a browser, comma separated; empty: none but the gateway itself',
  })
  corsOrigins: string[];

  @Env({
    name: 'TRUST_PROXY',
    type: 'int',
    default: 0,
    min: 0,
    max: 10,
    description:
      'How many proxies stand between clients and the gateway, each adding to X-Forwarded-For; 0: none, the address of the connection is the client',
  })
  trustedProxies: number;

  @Section(RedisConfig)
  redis: RedisConfig;

  validate(): string[] {
    const isDevelopment = this.nodeEnv !== 'production';
    this.introspection ??= isDevelopment;
    this.playground ??= isDevelopment;
    return /^[^\s:]+:\d{1,5}$/.test(this.chatSendAddress) ? [] : ['CHAT_SEND_ADDRESS must look like host:port'];
  }
}
