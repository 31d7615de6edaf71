import { InternalTokens } from '@chat/shared/auth';
import type { DatabaseConfig, RedisConfig } from '@chat/shared/config';
import { ServiceClient } from '@chat/shared/http';
import { type Log, LOGGER } from '@chat/shared/observability';
import { createRedis } from '@chat/shared/realtime';
import { type DynamicModule, Module } from '@nestjs/common';
import { ContactsModule } from '../contacts/contacts.module.js';
import { SearchModule } from '../search/search.module.js';
import { AccountsClient } from './accounts.client.js';
import { BlocksModule } from '../blocks/blocks.module.js';
import { CommittedChanges } from './committed-changes.js';
import { LIVE_REDIS, LiveProfiles } from './live-profiles.js';
import { ProfileDeletion } from './profile-deletion.service.js';
import { ProfileImagesController } from './profile-images.controller.js';
import { ProfileImagesService } from './profile-images.service.js';
import { ProfileSearchService } from './profile-search.service.js';
import { ProfileViews } from './profile-views.service.js';
import { ProfilesConsumer } from './profiles.consumer.js';
import { ProfilesController } from './profiles.controller.js';
import { ProfilesService } from './profiles.service.js';

@Module({})
export class ProfilesModule {
  static forRoot({
    authServiceUrl,
    database,
    redis,
  }: {
    authServiceUrl: string;
    database: DatabaseConfig;
    redis: RedisConfig;
  }): DynamicModule {
    return {
      module: ProfilesModule,
      imports: [ContactsModule, BlocksModule, SearchModule.forRoot(database)],
      controllers: [ProfilesController, ProfileImagesController, ProfilesConsumer],
      providers: [
        ProfilesService,
        CommittedChanges,
        LiveProfiles,
        ProfileDeletion,
        ProfileImagesService,
        ProfileSearchService,
        ProfileViews,
        { provide: LIVE_REDIS, inject: [LOGGER], useFactory: (logger: Log) => createRedis(redis, 'live-profiles', logger) },
        {
          provide: AccountsClient,
          inject: [InternalTokens],
          useFactory: (tokens: InternalTokens) =>
            new AccountsClient(new ServiceClient({ baseUrl: authServiceUrl, serviceName: 'auth-service' }), tokens),
        },
      ],
    };
  }
}
