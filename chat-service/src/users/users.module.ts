import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { ChatConfig } from '../config.js';
import { MessageDeletionWorker } from './message-deletion-worker.js';
import { UsersConsumer } from './users.consumer.js';
import { AuthServiceClient, UsersService } from './users.service.js';

@Module({
  controllers: [UsersConsumer],
  providers: [
    UsersService,
    MessageDeletionWorker,
    {
      provide: AuthServiceClient,
      inject: [ChatConfig],
      useFactory: (config: ChatConfig) =>
        new AuthServiceClient({ baseUrl: config.authServiceUrl, serviceName: 'auth-service', timeoutMs: 2000, connections: 8 }),
    },
  ],
  exports: [UsersService],
})
export class UsersModule implements OnApplicationShutdown {
  constructor(private readonly authService: AuthServiceClient) {}

  async onApplicationShutdown(): Promise<void> {
    await this.authService.close();
  }
}
