import { AuthModule } from '@chat/shared/auth';
import type { Log } from '@chat/shared/observability';
import { OutboxModule } from '@chat/shared/outbox';
import { type DynamicModule, Module } from '@nestjs/common';
import { ContactsModule } from './contacts/contacts.module.js';
import type { ProfileServiceConfig } from './config.js';
import { SCHEMA } from './data-source.js';
import { ProfilesModule } from './profiles/profiles.module.js';

@Module({})
export class AppModule {
  static forRoot(config: ProfileServiceConfig, logger: Log): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthModule.forRoot(config, config.redis, {
          service: 'profile-service',
          publicKeys: config.internalReceiver.publicKeys,
          signingKey: config.internalIssuer.signingKey,
        }),
        OutboxModule.forRoot({ config: config.database, schema: SCHEMA, kafka: config.kafka, redis: config.redis, logger }),
        ContactsModule,
        ProfilesModule.forRoot(config),
      ],
    };
  }
}
