import { LOGGER, type Log } from '@chat/shared/observability';
import { createRedis } from '@chat/shared/realtime';
import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { FilesModule } from '../files/files.module.js';
import { GatewayConfig } from '../config.js';
import { StreamsModule } from '../streams/streams.module.js';
import { LEASES_REDIS, OpenSockets } from './open-sockets.js';
import { SocketOperations } from './operations.js';
import { SocketProtocol } from './protocol.js';
import { SocketServer } from './server.js';
import { SessionChecks } from './session-checks.js';
import { SocketLimits } from './socket-limits.js';
import { UpgradeRules } from './upgrade-rules.js';

/** GraphQL over WebSocket. */
@Module({
  imports: [ClientsModule, FilesModule, StreamsModule],
  providers: [
    {
      provide: LEASES_REDIS,
      inject: [GatewayConfig, LOGGER],
      useFactory: (config: GatewayConfig, logger: Log) => createRedis(config.redis, 'gateway-leases', logger),
    },
    OpenSockets,
    SessionChecks,
    SocketLimits,
    SocketOperations,
    SocketProtocol,
    SocketServer,
    UpgradeRules,
  ],
})
export class SocketsModule {}
