import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import { IdPipe } from '@chat/shared/http';
import { FileDelivery, fileRequestOf, sendFile, type Upload } from '@chat/shared/uploads';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReadQueries } from '../database/queries.js';
import { FIND_READABLE_UPLOAD } from './files.queries.js';

/** The gateway says how long clients may cache a file. */
const CACHE_SECONDS = 0;

/** Files of conversations. Each request is checked: a user that was removed, or a message that was deleted, ends the access at once. */
@ApiTags('files')
@ApiBearerAuth()
@Controller('files')
export class FilesController {
  constructor(
    private readonly queries: ReadQueries,
    private readonly delivery: FileDelivery,
  ) {}

  @Get(':fileId/:variant')
  @ApiOperation({
    summary:
      'A file of a conversation of the current user (`original`), or a thumbnail (`small`, `medium`, `large`); ranges are supported. NOT_FOUND if the user may not see it',
  })
  @ApiOkResponse({ description: 'The content' })
  async read(
    @CurrentUser() user: AuthenticatedUser,
    @Param('fileId', IdPipe) fileId: string,
    @Param('variant') variant: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const upload = await this.queries.row<Upload>(FIND_READABLE_UPLOAD, [fileId, user.userId]);
    await sendFile(reply, await this.delivery.deliver(upload ?? null, variant, fileRequestOf(request), CACHE_SECONDS));
  }
}
