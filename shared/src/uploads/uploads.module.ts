import { type DynamicModule, Module } from '@nestjs/common';
import { Assets } from './assets.js';
import { CloudinaryNotifications } from './cloudinary-notifications.js';
import { CloudinaryNotificationsController } from './cloudinary-notifications.controller.js';
import { FileDelivery } from './file-delivery.js';
import { FormUploads } from './form-uploads.js';
import { SignedFilesController } from './signed-files.controller.js';
import { Transfers } from './transfers.js';
import { UploadCleanup } from './upload-cleanup.js';
import { UploadCompletion } from './upload-completion.js';
import { UploadReceiver } from './upload-receiver.js';
import { UploadScans } from './upload-scans.js';
import { UploadSettings } from './upload-settings.js';
import { UploadTickets } from './upload-tickets.js';
import { UploadsController } from './uploads.controller.js';

/** The providers of the uploads. */
export const UPLOAD_PARTS = [
  Transfers,
  UploadTickets,
  UploadReceiver,
  UploadScans,
  UploadCompletion,
  FormUploads,
  FileDelivery,
  Assets,
  UploadCleanup,
];

/**
 * The uploads of one service: tickets, transfers, checks, delivery and cleanup of files, with the routes under `/files`. Its tables are those
 * of `createUploadTables`; its storage comes from `createMediaStorage`.
 */
@Module({})
export class UploadsModule {
  static forRoot(settings: UploadSettings): DynamicModule {
    const isAtCloudinary = settings.storage.name === 'cloudinary';
    return {
      module: UploadsModule,
      global: true,
      controllers: [
        UploadsController,
        ...(settings.readWith === 'signed URL' ? [SignedFilesController] : []),
        ...(isAtCloudinary ? [CloudinaryNotificationsController] : []),
      ],
      providers: [{ provide: UploadSettings, useValue: settings }, ...UPLOAD_PARTS, ...(isAtCloudinary ? [CloudinaryNotifications] : [])],
      exports: [UploadSettings, ...UPLOAD_PARTS],
    };
  }
}
