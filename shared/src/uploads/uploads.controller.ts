import { Body, Controller, HttpCode, Inject, Param, Post, Put, Query, Req } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { type AuthenticatedUser, CurrentUser, Public } from '../auth/index.js';
import type { MediaAsset, UploadTicket } from '../contracts/index.js';
import { detachedBody, IdPipe } from '../http/index.js';
import { Assets } from './assets.js';
import { UploadCompletion } from './upload-completion.js';
import { UploadReceiver } from './upload-receiver.js';
import { UploadTickets } from './upload-tickets.js';
import { MediaAssetDto } from './media-asset.dto.js';
import { CreateUploadDto, SignedQueryDto, UploadTicketDto } from './uploads.dto.js';

/** The steps of an upload. */
@ApiTags('files')
@Controller('files')
export class UploadsController {
  constructor(
    @Inject(UploadTickets) private readonly tickets: UploadTickets,
    @Inject(UploadReceiver) private readonly receiver: UploadReceiver,
    @Inject(UploadCompletion) private readonly completion: UploadCompletion,
    @Inject(Assets) private readonly assets: Assets,
  ) {}

  @Post('uploads')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Step 1 of an upload: a ticket that says where and how to send the file' })
  @ApiCreatedResponse({ type: UploadTicketDto })
  create(@CurrentUser() user: AuthenticatedUser, @Body() request: CreateUploadDto): Promise<UploadTicket> {
    return this.tickets.create(user.userId, request);
  }

  @Put('uploads/:uploadId')
  @Public()
  @HttpCode(204)
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiOperation({ summary: 'Step 2 of an upload: the bytes of the file. The ticket has the URL, whose signature allows it' })
  @ApiNoContentResponse()
  async receive(
    @Param('uploadId', IdPipe) uploadId: string,
    @Query() query: SignedQueryDto,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.receiver.receive(uploadId, query, detachedBody(request.raw), request.headers['content-length']);
  }

  @Post('uploads/:uploadId/complete')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Step 3 of an upload: checks what arrived and makes it usable. A repeated call has the same result' })
  @ApiOkResponse({ type: MediaAssetDto })
  async complete(@CurrentUser() user: AuthenticatedUser, @Param('uploadId', IdPipe) uploadId: string): Promise<MediaAsset> {
    return this.assets.describe(await this.completion.complete(user.userId, uploadId));
  }
}
