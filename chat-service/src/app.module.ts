import { AuthModule } from '@chat/shared/auth';
import type { BootstrapDeps } from '@chat/shared/bootstrap';
import { OutboxModule } from '@chat/shared/outbox';
import { type DynamicModule, Module } from '@nestjs/common';
import { BlocksModule } from './blocks/blocks.module.js';
import { ChatConfig } from './config.js';
import { ConversationsModule } from './conversations/conversations.module.js';
import { QueriesModule } from './database/queries.module.js';
import { FilesModule } from './files/files.module.js';
import { MessagesModule } from './messages/messages.module.js';
import { TypingModule } from './typing/typing.module.js';
import { SearchModule } from './search/search.module.js';

@Module({})
export class AppModule {
  static async forRoot(config: ChatConfig, { logger }: BootstrapDeps): Promise<DynamicModule> {
    return {
      module: AppModule,
      global: true,
      imports: [
        AuthModule.forRoot(config, config.redis, {
          service: 'chat-service',
          publicKeys: config.internalReceiver.publicKeys,
          signingKey: config.internalIssuer.signingKey,
        }),
        QueriesModule.forRoot(config),
        OutboxModule.forRoot({ config: config.database, schema: 'chat', kafka: config.kafka, redis: config.redis, logger }),
        await FilesModule.forRoot(config, logger),
        BlocksModule,
        ConversationsModule,
        MessagesModule,
        TypingModule,
        SearchModule,
      ],
      providers: [{ provide: ChatConfig, useValue: config }],
      exports: [ChatConfig],
    };
  }
}
