import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { withTimeout } from '../async/index.js';
import { Public } from '../auth/index.js';
import { AppError } from '../errors/index.js';
import { detachedBody } from '../http/index.js';
import { CloudinaryNotifications } from './cloudinary-notifications.js';

/** One of Cloudinary has 1 to 2 KB. */
const MAX_BODY_BYTES = 32 * 1024;
const BODY_TIMEOUT_MS = 5000;

/** Only Cloudinary calls it, with a signature, through the gateway. */
@ApiExcludeController()
@Controller('files/notifications')
export class CloudinaryNotificationsController {
  constructor(@Inject(CloudinaryNotifications) private readonly notifications: CloudinaryNotifications) {}

  @Post('cloudinary')
  @Public()
  @HttpCode(204)
  async receive(@Req() request: FastifyRequest): Promise<void> {
    const { 'x-cld-timestamp': timestamp = '', 'x-cld-signature': signature = '' } = request.headers;
    const body = await withTimeout(bodyOf(request), BODY_TIMEOUT_MS);
    await this.notifications.receive(body, { timestamp: String(timestamp), signature: String(signature) });
  }
}

async function bodyOf(request: FastifyRequest): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of detachedBody(request.raw) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) throw new AppError('too-large', 'cloudinary/too-large', 'A notification is not so long.');
    parts.push(part);
  }
  return Buffer.concat(parts);
}
