import { InternalTokens } from '@chat/shared/auth';
import { ServiceClient } from '@chat/shared/http';
import { type DynamicModule, Module } from '@nestjs/common';
import { ContactsModule } from '../contacts/contacts.module.js';
import { AccountsClient } from './accounts.client.js';
import { ProfileImagesController } from './profile-images.controller.js';
import { ProfileImagesService } from './profile-images.service.js';
import { ProfilesConsumer } from './profiles.consumer.js';
import { ProfilesController } from './profiles.controller.js';
import { ProfilesService } from './profiles.service.js';

@Module({})
export class ProfilesModule {
  static forRoot({ authServiceUrl }: { authServiceUrl: string }): DynamicModule {
    return {
      module: ProfilesModule,
      imports: [ContactsModule],
      controllers: [ProfilesController, ProfileImagesController, ProfilesConsumer],
      providers: [
        ProfilesService,
        ProfileImagesService,
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
