import { IdPipe, pathOf } from '@chat/shared/http';
import { Controller, Get, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FileProxy } from './file-proxy.js';

/** The files of profile-service, for clients that have a signed URL. */
@Controller('files/profiles')
export class FilesController {
  constructor(private readonly files: FileProxy) {}

  @Put('uploads/:uploadId')
  send(@Param('uploadId', IdPipe) uploadId: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.files.send('profile-service', uploadId, request, reply);
  }

  @Post('notifications/cloudinary')
  notify(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.files.notify('profile-service', request, reply);
  }

  @Get(':fileId/:variant')
  read(
    @Param('fileId', IdPipe) fileId: string,
    @Param('variant') variant: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.files.readSigned('profile-service', pathOf('files', fileId, variant), request, reply);
  }
}
