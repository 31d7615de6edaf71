import { S3Client } from '@aws-sdk/client-s3';
import type { S3Config } from './s3.config.js';

const CONNECT_TIMEOUT_MS = 2000;
/** The longest pause of a connection. */
const PAUSE_TIMEOUT_MS = 30_000;
const ATTEMPTS = 3;

const ignore = () => undefined;
/** The SDK would write to the console; its errors are reported where they are handled. */
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

/** The client of the SDK. It repeats calls that fail for an outside reason, except those whose body is a stream. */
export function createS3Client({ region, endpoint, pathStyle, accessKeyId, secretAccessKey }: S3Config): S3Client {
  return new S3Client({
    region,
    ...(endpoint ? { endpoint } : {}),
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    forcePathStyle: pathStyle ?? endpoint !== undefined,
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: PAUSE_TIMEOUT_MS },
    logger: SILENT,
    // Not every server with the protocol of S3 knows the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
