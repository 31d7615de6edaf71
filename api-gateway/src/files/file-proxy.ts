import { AppError } from '@chat/shared/errors';
import { detachedBody, networkOf, pathOf } from '@chat/shared/http';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientHeadersOf } from '../clients/client-headers.js';
import { FileClient, type FileRequest, type FileService } from '../clients/file.client.js';
import { GatewayConfig } from '../config.js';
import { OperationLimits } from '../graphql/operation-limits.js';
import { FileTransfers } from './file-transfers.js';

/** The headers of an answer that clients need; the gateway sets the others itself. */
const PASSED_ON = [
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-length',
  'content-range',
  'content-security-policy',
  'content-type',
  'cross-origin-resource-policy',
  'etag',
  'retry-after',
];
const UNKNOWN_ADDRESS = 'unknown';

/** What the gateway adds to the reading of a file. */
export interface ReadingParts {
  /** The authorization header for the service. */
  authorization?: string;
  /** How long the client may cache the file; by default what the service says. */
  cacheSeconds?: number;
}

/**
 * Passes files on as streams, to and from the service that has them. What passes through is limited by number and time, so that slow clients cannot take
 * all sockets.
 */
@Injectable()
export class FileProxy {
  private readonly transfers: FileTransfers;

  constructor(
    private readonly config: GatewayConfig,
    private readonly limits: OperationLimits,
    private readonly files: FileClient,
  ) {
    this.transfers = new FileTransfers({ total: config.files.transfers, perAddress: config.files.transfersPerAddress });
  }

  /** The bytes of an upload. The service checks the signature of the URL. */
  async send(service: FileService, uploadId: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { 'content-length': length, 'content-type': type } = request.headers;
    if (length === undefined)
      throw new AppError('invalid', 'upload/length-missing', 'The header Content-Length must say how many bytes the file has.');
    const headers = { 'content-length': length, 'content-type': type ?? 'application/octet-stream' };
    const path = `${pathOf('files', 'uploads', uploadId)}?${signatureOf(request)}`;
    await this.pass(request, reply, { service, method: 'PUT', path, headers, body: detachedBody(request.raw) });
  }

  /** What Cloudinary tells of an upload. The service checks the signature of the body as it arrived. */
  async notify(service: FileService, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const names = ['content-length', 'x-cld-timestamp', 'x-cld-signature'] as const;
    const given = names.flatMap((name): [string, string][] =>
      request.headers[name] === undefined ? [] : [[name, String(request.headers[name])]],
    );
    const headers = { ...Object.fromEntries(given), 'content-type': 'application/json' };
    const path = pathOf('files', 'notifications', 'cloudinary');
    await this.pass(request, reply, { service, method: 'POST', path, headers, body: detachedBody(request.raw) });
  }

  /** A file for a client with a signed URL, whose signature the service checks. */
  async readSigned(service: FileService, path: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.read(service, `${path}?${signatureOf(request)}`, request, reply);
  }

  /** A file for a client that the service knows by the authorization header. */
  async read(service: FileService, path: string, request: FastifyRequest, reply: FastifyReply, parts: ReadingParts = {}): Promise<void> {
    const { authorization, cacheSeconds } = parts;
    const { range, 'if-none-match': ifNoneMatch } = request.headers;
    const headers = {
      ...(range === undefined ? {} : { range }),
      ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }),
      ...(authorization === undefined ? {} : { authorization }),
    };
    const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
    await this.pass(request, reply, { service, method, path, headers }, cacheSeconds);
  }

  private async pass(
    request: FastifyRequest,
    reply: FastifyReply,
    parts: Omit<FileRequest, 'signal'>,
    cacheSeconds?: number,
  ): Promise<void> {
    const address = clientHeadersOf(request, this.config.trustedProxies)['x-forwarded-for'];
    this.limits.takeFile(address ?? null);
    const end = this.transfers.begin(address === undefined ? UNKNOWN_ADDRESS : networkOf(address));
    const canceled = new AbortController();
    const timer = setTimeout(() => canceled.abort(new Error('the transfer took too long')), this.config.files.uploadSeconds * 1000);
    reply.raw.once('close', () => {
      clearTimeout(timer);
      end();
      canceled.abort(new Error('the client has closed the connection'));
    });
    const answer = await this.files.transfer({ ...parts, signal: canceled.signal });
    for (const name of PASSED_ON) {
      const value = answer.headers[name];
      if (value !== undefined) void reply.header(name, value);
    }
    if (cacheSeconds !== undefined && answer.statusCode < 400)
      void reply.header('cache-control', `private, max-age=${cacheSeconds}, immutable`);
    await reply.status(answer.statusCode).send(answer.body);
  }
}

function signatureOf(request: FastifyRequest): URLSearchParams {
  const { expires, signature } = request.query as Record<string, unknown>;
  return new URLSearchParams({ expires: String(expires), signature: String(signature) });
}
