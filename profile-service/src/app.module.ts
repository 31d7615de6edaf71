import { AuthModule } from '@chat/shared/auth';
import { createMediaStorage, FileUrls } from '@chat/shared/media';
import type { Log } from '@chat/shared/observability';
import { OutboxModule } from '@chat/shared/outbox';
import { UploadSettings, UploadsModule } from '@chat/shared/uploads';
import { type DynamicModule, Module } from '@nestjs/common';
import { ContactsModule } from './contacts/contacts.module.js';
import type { ProfileServiceConfig } from './config.js';
import { SCHEMA } from './data-source.js';
import { ProfilesModule } from './profiles/profiles.module.js';

@Module({})
export class AppModule {
  static async forRoot(config: ProfileServiceConfig, logger: Log): Promise<DynamicModule> {
    const { uploads } = config;
    return {
      module: AppModule,
      imports: [
        AuthModule.forRoot(config, config.redis, {
          service: 'profile-service',
          publicKeys: config.internalReceiver.publicKeys,
          signingKey: config.internalIssuer.signingKey,
        }),
        OutboxModule.forRoot({ config: config.database, schema: SCHEMA, kafka: config.kafka, redis: config.redis, logger }),
        UploadsModule.forRoot(
          new UploadSettings({
            folder: 'profile',
            purposes: ['PROFILE_PICTURE', 'COVER_IMAGE'],
            config: uploads,
            storage: await createMediaStorage(uploads.storage, 'profile', logger),
            readWith: 'signed URL',
            urls: new FileUrls(`${uploads.publicUrl}/files/profiles`, config.internalIssuer.signingKey),
          }),
        ),
        ContactsModule,
        ProfilesModule.forRoot(config),
      ],
    };
  }
}
