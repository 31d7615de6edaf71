import { createMediaStorage, FileUrls } from '@chat/shared/media';
import type { Log } from '@chat/shared/observability';
import { UploadSettings, UploadsModule } from '@chat/shared/uploads';
import { type DynamicModule, Module } from '@nestjs/common';
import type { ChatConfig } from '../config.js';
import { AttachmentsController } from './attachments.controller.js';
import { FilesController } from './files.controller.js';
import { ReleasedFiles } from './released-files.js';

/** Of this service in the storage, and in the URLs of the gateway. */
export const FILES_FOLDER = 'chat';

/** Uploads for messages and groups, and their files. Global. */
@Module({})
export class FilesModule {
  static async forRoot({ uploads, internalIssuer }: ChatConfig, logger: Log): Promise<DynamicModule> {
    const settings = new UploadSettings({
      folder: FILES_FOLDER,
      purposes: ['MESSAGE_ATTACHMENT', 'GROUP_PICTURE'],
      config: uploads,
      storage: await createMediaStorage(uploads.storage, FILES_FOLDER, logger),
      readWith: 'token',
      urls: new FileUrls(`${uploads.publicUrl}/files/${FILES_FOLDER}`, internalIssuer.signingKey),
    });
    return {
      module: FilesModule,
      global: true,
      imports: [UploadsModule.forRoot(settings)],
      controllers: [AttachmentsController, FilesController],
      providers: [ReleasedFiles],
      exports: [ReleasedFiles],
    };
  }
}
