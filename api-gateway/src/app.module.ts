import { AuthModule } from '@chat/shared/auth';
import type { Log } from '@chat/shared/observability';
import { createRedis, createSubscriber, LiveChannels } from '@chat/shared/realtime';
import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import type { Redis } from 'ioredis';
import { AccountModule } from './account/account.module.js';
import { ChatModule } from './chat/chat.module.js';
import { GatewayConfig } from './config.js';
import { AccessGuard } from './graphql/access.guard.js';
import { Documents } from './graphql/documents.js';
import { graphqlModule } from './graphql/graphql.options.js';
import { HelloResolver } from './graphql/hello.resolver.js';
import { OperationChecks } from './graphql/operation-checks.js';
import { OperationLimits } from './graphql/operation-limits.js';
import { FilesModule } from './files/files.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { PresenceModule } from './presence/presence.module.js';
import { ProfilesModule } from './profiles/profiles.module.js';
import { SocketsModule } from './sockets/sockets.module.js';
import { STREAM_EVENT_TYPES } from './streams/stream-event.types.js';
import { StreamsModule } from './streams/streams.module.js';

/** The connection for commands; `createSubscriber` keeps the live channels on the same server. */
const REDIS = Symbol('redis');

/** The modules whose resolvers are the schema. */
const FEATURES = [AccountModule, FilesModule, ProfilesModule, ChatModule, PresenceModule, NotificationsModule, StreamsModule];

/** What the schema is built of, also without a running gateway. */
export const SCHEMA = {
  resolvers: [HelloResolver, ...FEATURES.flatMap((feature) => Reflect.getMetadata('providers', feature) as Function[])],
  options: { orphanedTypes: STREAM_EVENT_TYPES },
};

/** Global: the configuration, the live channels, the limits of operations and the schema. */
@Global()
@Module({})
export class AppModule implements OnApplicationShutdown {
  constructor(
    @Inject(LiveChannels) private readonly live: LiveChannels,
    @Inject(REDIS) private readonly redis: Redis,
  ) {}

  static forRoot(config: GatewayConfig, logger: Log): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthModule.forRoot(config, config.redis, {
          service: 'api-gateway',
          signingKey: config.internalIssuer.signingKey,
          acceptMfaEnrollmentTokens: true,
          guard: false,
        }),
        graphqlModule(SCHEMA.options),
        ...FEATURES,
        SocketsModule,
      ],
      providers: [
        { provide: GatewayConfig, useValue: config },
        { provide: REDIS, useFactory: () => createRedis(config.redis, 'gateway', logger) },
        {
          provide: LiveChannels,
          inject: [REDIS],
          useFactory: (redis: Redis) => new LiveChannels(createSubscriber(config.redis, 'gateway-live', redis, logger), logger),
        },
        {
          provide: Documents,
          useValue: new Documents({ introspection: config.introspection, suggestions: config.nodeEnv !== 'production' }),
        },
        { provide: OperationLimits, inject: [REDIS], useFactory: (redis: Redis) => new OperationLimits(config, redis) },
        OperationChecks,
        { provide: APP_GUARD, useClass: AccessGuard },
        HelloResolver,
      ],
      exports: [GatewayConfig, LiveChannels, OperationChecks, OperationLimits, GraphQLModule],
    };
  }

  onApplicationShutdown(): void {
    this.live.close();
    this.redis.disconnect();
  }
}
