import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/index.js';
import { IdPipe } from '../http/index.js';
import { FileDelivery } from './file-delivery.js';
import { fileRequestOf, sendFile } from './file-http.js';
import { SignedQueryDto } from './uploads.dto.js';

/** Files for all clients that have a signed URL. */
@ApiTags('files')
@Controller('files')
export class SignedFilesController {
  constructor(@Inject(FileDelivery) private readonly delivery: FileDelivery) {}

  @Get(':fileId/:variant')
  @Public()
  @ApiOperation({
    summary: 'A file (`original`) or a thumbnail (`small`, `medium`, `large`). The signature in the URL allows it; ranges are supported',
  })
  @ApiOkResponse({ description: 'The content' })
  async read(
    @Param('fileId', IdPipe) fileId: string,
    @Param('variant') variant: string,
    @Query() query: SignedQueryDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendFile(reply, await this.delivery.readSigned(fileId, variant, query, fileRequestOf(request)));
  }
}
