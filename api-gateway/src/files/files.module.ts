import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { FilesController } from './files.controller.js';
import { FilesResolver } from './files.resolver.js';

/** Uploads and files. The service that uses a file has the rules. */
@Module({ imports: [ClientsModule], controllers: [FilesController], providers: [FilesResolver] })
export class FilesModule {}
