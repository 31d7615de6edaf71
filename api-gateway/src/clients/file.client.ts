import type { ServiceName } from '@chat/shared/contracts';
import { anyAddress } from '@chat/shared/http';
import { AppError } from '@chat/shared/errors';
import { currentContext } from '@chat/shared/observability';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { type Dispatcher, Pool } from 'undici';
import { GatewayConfig } from '../config.js';

const CONNECT_TIMEOUT_MS = 2000;
/** Until the answer to a read begins. That to an upload begins when all bytes are stored: only the signal limits it. */
const ANSWER_TIMEOUT_MS = 30_000;
const PAUSE_TIMEOUT_MS = 30_000;

/** The services that have files. */
export type FileService = Extract<ServiceName, 'profile-service' | 'chat-service'>;

/** A transfer of a file from or to a service. */
export interface FileRequest {
  service: FileService;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body?: Readable;
  signal: AbortSignal;
}

/** Passes files on as streams, over connections of their own: however long a transfer takes, other requests do not wait for it. */
@Injectable()
export class FileClient implements OnApplicationShutdown {
  readonly #targets: Record<FileService, { pool: Pool; basePath: string }>;

  constructor({ profileServiceUrl, chatServiceUrl, files }: GatewayConfig) {
    const targetOf = (address: string) => {
      const url = new URL(address);
      const pool = new Pool(url.origin, {
        connections: files.transfers,
        pipelining: 1,
        connect: { timeout: CONNECT_TIMEOUT_MS, lookup: anyAddress() },
        bodyTimeout: PAUSE_TIMEOUT_MS,
      });
      return { pool, basePath: url.pathname.replace(/\/+$/, '') };
    };
    this.#targets = { 'profile-service': targetOf(profileServiceUrl), 'chat-service': targetOf(chatServiceUrl) };
  }

  /** The answer of the service, whatever its status. */
  async transfer({ service, method, path, headers, body, signal }: FileRequest): Promise<Dispatcher.ResponseData> {
    const correlationId = currentContext()?.correlationId;
    const { pool, basePath } = this.#targets[service];
    try {
      return await pool.request({
        method,
        path: basePath + path,
        headers: { ...headers, ...(correlationId === undefined ? {} : { 'x-correlation-id': correlationId }) },
        body: body ?? null,
        headersTimeout: body === undefined ? ANSWER_TIMEOUT_MS : 0,
        signal,
      });
    } catch (cause) {
      throw new AppError('unavailable', `${service}/unavailable`, 'Files cannot be reached right now. Try again in a moment.', { cause });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(Object.values(this.#targets).map(({ pool }) => pool.close()));
  }
}
