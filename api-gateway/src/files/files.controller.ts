import { AppError } from '@chat/shared/errors';
import { detachedBody, IdPipe, networkOf, pathOf } from '@chat/shared/http';
import { Controller, Get, Param, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientHeadersOf } from '../clients/client-headers.js';
import { FileClient, type FileRequest } from '../clients/file.client.js';
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

/**
 * The files of profile-service, for clients that have a signed URL: the gateway passes them on as streams, and profile-service checks the
 * signature. What passes through is limited by number and time, so that slow clients cannot take all sockets.
 */
@Controller('files/profiles')
export class FilesController {
  private readonly transfers: FileTransfers;

  constructor(
    private readonly config: GatewayConfig,
    private readonly limits: OperationLimits,
    private readonly files: FileClient,
  ) {
    this.transfers = new FileTransfers({ total: config.files.transfers, perAddress: config.files.transfersPerAddress });
  }

  @Put('uploads/:uploadId')
  async send(@Param('uploadId', IdPipe) uploadId: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { 'content-length': length, 'content-type': type } = request.headers;
    if (length === undefined)
      throw new AppError('invalid', 'upload/length-missing', 'The header Content-Length must say how many bytes the file has.');
    const headers = { 'content-length': length, 'content-type': type ?? 'application/octet-stream' };
    await this.#pass(request, reply, {
      method: 'PUT',
      path: pathOf('files', 'uploads', uploadId),
      headers,
      body: detachedBody(request.raw),
    });
  }

  @Get(':fileId/:variant')
  async read(
    @Param('fileId', IdPipe) fileId: string,
    @Param('variant') variant: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { range, 'if-none-match': ifNoneMatch } = request.headers;
    const headers = { ...(range === undefined ? {} : { range }), ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }) };
    const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
    await this.#pass(request, reply, { method, path: pathOf('files', fileId, variant), headers });
  }

  async #pass(request: FastifyRequest, reply: FastifyReply, parts: Omit<FileRequest, 'signal'>): Promise<void> {
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
    const { expires, signature } = request.query as Record<string, unknown>;
    const query = new URLSearchParams({ expires: String(expires), signature: String(signature) });
    const answer = await this.files.transfer({ ...parts, path: `${parts.path}?${query}`, signal: canceled.signal });
    for (const name of PASSED_ON) {
      const value = answer.headers[name];
      if (value !== undefined) void reply.header(name, value);
    }
    await reply.status(answer.statusCode).send(answer.body);
  }
}
