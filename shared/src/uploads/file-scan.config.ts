import { type ConfigWithChecks, Env } from '../config/index.js';
import { clamdAddress } from '../media/index.js';

/** The scan of uploads for malware. */
export class FileScanConfig implements ConfigWithChecks {
  @Env({
    name: 'FILES_SCAN_ADDRESS',
    type: 'string',
    optional: true,
    description:
      'Where clamd (ClamAV) listens, which scans each upload before it can be used: tcp://host:3310 or unix:/run/clamav/clamd.ctl. Its StreamMaxLength must be at least the largest FILES_MAX_*_MB. Empty: uploads are not scanned',
  })
  address?: string;

  @Env({
    name: 'FILES_SCAN_TIMEOUT',
    type: 'durationSeconds',
    default: 15,
    min: 1,
    max: 25,
    description: 'Time that the scan of one file may take, with its retries; then the upload fails with UNAVAILABLE',
  })
  timeoutSeconds: number;

  @Env({
    name: 'FILES_KEEP_QUARANTINED',
    type: 'durationSeconds',
    default: 2_592_000,
    min: 0,
    max: 31_536_000,
    description: 'Time for which a file with malware is kept in quarantine for the operator; no user can load it',
  })
  keepQuarantinedSeconds: number;

  validate(): string[] {
    return this.address === undefined || clamdAddress(this.address) !== null
      ? []
      : ['FILES_SCAN_ADDRESS must be tcp://host:port or unix:/path'];
  }
}
