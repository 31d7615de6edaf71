import { type ConfigWithChecks, Env } from '@chat/shared/config';

/** The transfers of files through the gateway. */
export class FilesConfig implements ConfigWithChecks {
  @Env({
    name: 'PUBLIC_URL',
    type: 'url',
    default: 'http://localhost:3000',
    description:
      'Address of the gateway for clients: scheme and host only. URLs of files begin with it. Register PUBLIC_URL/auth/<provider>/callback and …/mobile/callback at the providers',
  })
  publicUrl: string;

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

  validate(): string[] {
    return /^https?:\/\/[^/?#]+$/.test(this.publicUrl) ? [] : ['PUBLIC_URL must be a scheme and a host, without a path'];
  }
}
