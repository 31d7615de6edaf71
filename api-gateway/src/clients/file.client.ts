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

/** A transfer of a file from or to a service. */
export interface FileRequest {
  method: 'GET' | 'HEAD' | 'PUT';
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body?: Readable;
  signal: AbortSignal;
}

/** Passes files on as streams, over connections of their own: however long a transfer takes, other requests do not wait for it. */
@Injectable()
export class FileClient implements OnApplicationShutdown {
  readonly #profiles: Pool;
  readonly #basePath: string;

  constructor(config: GatewayConfig) {
    const url = new URL(config.profileServiceUrl);
    this.#basePath = url.pathname.replace(/\/+$/, '');
    this.#profiles = new Pool(url.origin, {
      connections: config.files.transfers,
      pipelining: 1,
      connect: { timeout: CONNECT_TIMEOUT_MS, lookup: anyAddress() },
      bodyTimeout: PAUSE_TIMEOUT_MS,
    });
  }

  /** The answer of profile-service, whatever its status. */
  async transfer({ method, path, headers, body, signal }: FileRequest): Promise<Dispatcher.ResponseData> {
    const correlationId = currentContext()?.correlationId;
    try {
      return await this.#profiles.request({
        method,
        path: this.#basePath + path,
        headers: { ...headers, ...(correlationId === undefined ? {} : { 'x-correlation-id': correlationId }) },
        body: body ?? null,
        headersTimeout: body === undefined ? ANSWER_TIMEOUT_MS : 0,
        signal,
      });
    } catch (cause) {
      throw new AppError('unavailable', 'profile-service/unavailable', 'Files cannot be reached right now. Try again in a moment.', {
        cause,
      });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#profiles.close();
  }
}
