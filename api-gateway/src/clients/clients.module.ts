import { RpcClient } from '@chat/shared/rpc';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayConfig } from '../config.js';
import { AuthClient } from './auth.client.js';
import { ChatClient } from './chat.client.js';
import { FileClient } from './file.client.js';
import { NotificationClient } from './notification.client.js';
import { OAuthClient } from './oauth.client.js';
import { PresenceClient } from './presence.client.js';
import { ProfileClient } from './profile.client.js';

const CLIENTS = [AuthClient, OAuthClient, ChatClient, FileClient, ProfileClient, PresenceClient, NotificationClient];

/** The ClientProxy for sends: one TCP connection to chat-service, which keeps their order. */
const SENDS = {
  provide: RpcClient,
  inject: [GatewayConfig],
  useFactory: ({ chatSendAddress }: GatewayConfig) => {
    const [host = '', port] = chatSendAddress.split(':');
    return new RpcClient({ host, port: Number(port), serviceName: 'chat-service' });
  },
};

/** One HTTP client per service, each with a connection pool of its own, and the RpcClient for sends. */
@Module({ providers: [...CLIENTS, SENDS], exports: [...CLIENTS, SENDS] })
export class ClientsModule implements OnApplicationShutdown {
  constructor(@Inject(RpcClient) private readonly sends: RpcClient) {}

  async onApplicationShutdown(): Promise<void> {
    await this.sends.close();
  }
}
