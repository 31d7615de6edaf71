import { Env } from '@chat/shared/config';

/** The transfers of files through the gateway. */
export class FilesConfig {
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
    name: 'FILES_TRANSFERS',
    type: 'int',
    default: 500,
    min: 1,
    max: 10_000,
    description: 'Files that a process of the gateway transfers at a time, in both directions; each takes two sockets and some memory',
  })
  transfers: number;

  @Env({
    name: 'FILES_TRANSFERS_PER_ADDRESS',
    type: 'int',
    default: 50,
    min: 1,
    max: 10_000,
    description: 'Of these, those of one address (IPv6: a /64)',
  })
  transfersPerAddress: number;
}
