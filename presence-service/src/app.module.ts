import { AuthModule } from '@chat/shared/auth';
import { type DynamicModule, Module } from '@nestjs/common';
import { ContactsModule } from './contacts/contacts.module.js';
import type { PresenceServiceConfig } from './config.js';
import { PresenceModule } from './presence/presence.module.js';

@Module({})
export class AppModule {
  static forRoot(config: PresenceServiceConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthModule.forRoot(config, config.redis, { service: 'presence-service', publicKeys: config.internalReceiver.publicKeys }),
        ContactsModule,
        PresenceModule.forRoot(config),
      ],
    };
  }
}
