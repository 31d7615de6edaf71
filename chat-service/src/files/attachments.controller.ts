import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import { MEDIA_KINDS, type MediaAsset, type MediaKind } from '@chat/shared/contracts';
import { Assets, FormUploads, MediaAssetDto } from '@chat/shared/uploads';
import { Controller, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import type { FastifyRequest } from 'fastify';

const FORM = { schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } } };

export class AttachmentQueryDto {
  @ApiProperty({ enum: MEDIA_KINDS, description: 'The kind of the file' })
  @IsIn(MEDIA_KINDS)
  type: MediaKind;
}

/** The three steps of an upload in one request, for programs and forms. */
@ApiTags('files')
@ApiBearerAuth()
@Controller('chat/attachments')
export class AttachmentsController {
  constructor(
    private readonly forms: FormUploads,
    private readonly assets: Assets,
  ) {}

  @Post()
  @ApiConsumes('multipart/form-data')
  @ApiBody(FORM)
  @ApiOperation({ summary: 'Upload a file for a message by a form with one file; its id is for `attachmentIds`' })
  @ApiCreatedResponse({ type: MediaAssetDto })
  async upload(
    @CurrentUser() user: AuthenticatedUser,
    @Query() { type: kind }: AttachmentQueryDto,
    @Req() request: FastifyRequest,
  ): Promise<MediaAsset> {
    return this.assets.describe(await this.forms.store(user.userId, { purpose: 'MESSAGE_ATTACHMENT', kind }, request.raw));
  }
}
