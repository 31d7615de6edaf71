import { AuthModule } from '@chat/shared/auth';
import type { Log } from '@chat/shared/observability';
import { createRedis, LiveChannels } from '@chat/shared/realtime';
import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { GatewayConfig } from './config.js';
import { FeedStreams } from './streams/feed-streams.js';
import { AccessGuard } from './graphql/access.guard.js';
import { graphqlModule } from './graphql/graphql.options.js';
import { JwksController } from './account/jwks.controller.js';
import { OAuthPagesController } from './account/oauth-pages.controller.js';
import { UserPayloads } from './account/user-payloads.js';
import { NotificationSubscriptions } from './notifications/notification-subscriptions.js';
import { PresenceSubscriptions } from './presence/presence-subscriptions.js';
import { RESOLVERS } from './resolvers.js';
import { AuthClient } from './clients/auth.client.js';
import { OAuthClient } from './clients/oauth.client.js';
import { ChatClient } from './clients/chat.client.js';
import { NotificationClient } from './clients/notification.client.js';
import { PresenceClient } from './clients/presence.client.js';
import { ProfileClient } from './clients/profile.client.js';
import { LEASES_REDIS, OpenSockets } from './sockets/open-sockets.js';
import { SocketProtocol } from './sockets/protocol.js';
import { SocketServer } from './sockets/server.js';

const CLIENTS = [AuthClient, OAuthClient, ChatClient, ProfileClient, PresenceClient, NotificationClient];

@Global()
@Module({})
export class AppModule implements OnApplicationShutdown {
  constructor(@Inject(LiveChannels) private readonly live: LiveChannels) {}

  static forRoot(config: GatewayConfig, logger: Log): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthModule.forRoot(config, config.redis, { acceptInternalTokens: false, acceptMfaEnrollmentTokens: true, guard: false }),
        graphqlModule(),
      ],
      controllers: [JwksController, OAuthPagesController],
      providers: [
        { provide: GatewayConfig, useValue: config },
        { provide: LiveChannels, useFactory: () => new LiveChannels(createRedis(config.redis, 'gateway-live', logger), logger) },
        { provide: LEASES_REDIS, useFactory: () => createRedis(config.redis, 'gateway-leases', logger) },
        { provide: APP_GUARD, useClass: AccessGuard },
        ...CLIENTS,
        UserPayloads,
        FeedStreams,
        NotificationSubscriptions,
        PresenceSubscriptions,
        OpenSockets,
        SocketProtocol,
        SocketServer,
        ...RESOLVERS,
      ],
      exports: [GatewayConfig, ProfileClient],
    };
  }

  onApplicationShutdown(): void {
    this.live.close();
  }
}
