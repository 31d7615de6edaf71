import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { ConversationFileUrls } from './conversation-file-urls.js';
import { ConversationFilesController } from './conversation-files.controller.js';
import { FileProxy } from './file-proxy.js';
import { FilesController } from './files.controller.js';
import { FilesResolver } from './files.resolver.js';
import { MediaAssetsResolver } from './media-assets.resolver.js';

/** Uploads and files. The service that uses a file has the rules. */
@Module({
  imports: [ClientsModule],
  controllers: [FilesController, ConversationFilesController],
  providers: [FileProxy, ConversationFileUrls, FilesResolver, MediaAssetsResolver],
  exports: [ConversationFileUrls],
})
export class FilesModule {}
