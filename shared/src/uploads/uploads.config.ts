import { type ConfigWithChecks, Env, Section } from '../config/index.js';
import { MediaStorageConfig } from '../media/index.js';
import { FileScanConfig } from './file-scan.config.js';
import { FileKindsConfig } from './file-kinds.config.js';

/** What users may upload, and how long files are kept that are not used. */
export class UploadsConfig implements ConfigWithChecks {
  @Section(MediaStorageConfig)
  storage: MediaStorageConfig;

  @Section(FileScanConfig)
  scan: FileScanConfig;

  @Env({
    name: 'PUBLIC_URL',
    type: 'url',
    default: 'http://localhost:3000',
    description:
      'Address of the gateway for clients: scheme and host only. URLs of files begin with it. Register PUBLIC_URL/auth/<provider>/callback and …/mobile/callback at the providers',
  })
  publicUrl: string;

  @Section(FileKindsConfig)
  kinds: FileKindsConfig;

  @Env({
    name: 'FILES_MAX_PIXELS',
    type: 'int',
    default: 50_000_000,
    min: 10_000,
    max: 500_000_000,
    description:
      'The most pixels of a JPEG. PNG, WebP and GIF, all frames together, may have half as many, AVIF a quarter, as they take more memory: an image that is checked takes up to 8 bytes for each of these pixels',
  })
  maxPixels: number;

  @Env({
    name: 'FILES_IMAGE_WORKERS',
    type: 'int',
    default: 1,
    min: 1,
    max: 64,
    description: 'Images, and containers of videos and sound, that a process checks at a time; each takes a core',
  })
  imageWorkers: number;

  @Env({
    name: 'FILES_OPEN_TICKETS',
    type: 'int',
    default: 20,
    min: 1,
    max: 1000,
    description: 'Tickets for uploads that a user may have open',
  })
  openTickets: number;

  @Env({
    name: 'FILES_DAILY_MB',
    type: 'int',
    default: 500,
    min: 1,
    max: 1_000_000,
    description: 'MB that a user may upload on a day (UTC)',
  })
  dailyMb: number;

  @Env({
    name: 'FILES_DAILY_COUNT',
    type: 'int',
    default: 500,
    min: 1,
    max: 1_000_000,
    description: 'Uploads that a user may begin on a day (UTC)',
  })
  dailyCount: number;

  @Env({ name: 'FILES_TOTAL_MB', type: 'int', default: 5000, min: 1, max: 10_000_000, description: 'MB of files that a user may have' })
  totalMb: number;

  @Env({
    name: 'FILES_TICKET_TTL',
    type: 'durationSeconds',
    default: 900,
    min: 1,
    max: 3600,
    description: 'Time in which an upload must begin',
  })
  ticketSeconds: number;

  @Env({
    name: 'FILES_UPLOAD_TIMEOUT',
    type: 'durationSeconds',
    default: 600,
    min: 1,
    max: 3600,
    description: 'Time that the transfer of one file may take; a slower one is ended',
  })
  uploadSeconds: number;

  @Env({
    name: 'FILES_KEEP_UNCOMPLETED',
    type: 'durationSeconds',
    default: 3600,
    min: 1,
    max: 604_800,
    description: 'Time after the end of its ticket for which an upload is kept that was not completed',
  })
  keepUncompletedSeconds: number;

  @Env({
    name: 'FILES_KEEP_UNATTACHED',
    type: 'durationSeconds',
    default: 86_400,
    min: 1,
    max: 2_592_000,
    description: 'Time for which a completed upload is kept that is not used',
  })
  keepUnattachedSeconds: number;

  validate(): string[] {
    return /^https?:\/\/[^/?#]+$/.test(this.publicUrl) ? [] : ['PUBLIC_URL must be a scheme and a host, without a path'];
  }
}
