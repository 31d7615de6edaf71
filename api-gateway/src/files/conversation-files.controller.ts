import { InternalTokens } from '@chat/shared/auth';
import { IdPipe, pathOf } from '@chat/shared/http';
import { Controller, Get, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConversationFileUrls } from './conversation-file-urls.js';
import { FileProxy, type ReadingParts } from './file-proxy.js';

/** A URL belongs to a user, not to a session: this is the one of an internal token for it. No session has this id. */
const NO_SESSION = '00000000-0000-0000-0000-000000000000';

/** The files of conversations, for a client that has a URL that was signed for a member, or sends a token of one. */
@Controller('files/chat')
export class ConversationFilesController {
  constructor(
    private readonly files: FileProxy,
    private readonly urls: ConversationFileUrls,
    private readonly internalTokens: InternalTokens,
  ) {}

  @Put('uploads/:uploadId')
  send(@Param('uploadId', IdPipe) uploadId: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.files.send('chat-service', uploadId, request, reply);
  }

  @Post('notifications/cloudinary')
  notify(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.files.notify('chat-service', request, reply);
  }

  @Get(':fileId/:variant')
  read(
    @Param('fileId', IdPipe) fileId: string,
    @Param('variant') variant: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.files.read('chat-service', pathOf('files', fileId, variant), request, reply, this.readingPartsOf(fileId, request));
  }

  private readingPartsOf(fileId: string, { query, headers: { authorization } }: FastifyRequest): ReadingParts {
    const { user, expires, signature } = query as Record<string, unknown>;
    if (signature === undefined && authorization !== undefined) return { authorization };
    const cacheSeconds = this.urls.verify(fileId, { user: String(user), expires: String(expires), signature: String(signature) });
    const token = this.internalTokens.issue('chat-service', { userId: String(user), sessionId: NO_SESSION });
    return { authorization: `Bearer ${token}`, cacheSeconds };
  }
}
