import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import type { ChatMessage, EditMessageRequest } from '@chat/shared/contracts';
import { IdPipe } from '@chat/shared/http';
import { Body, Controller, Delete, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ChatMessageDto, EditMessageDto, ReactionDto } from './messages.dto.js';
import { MessageChangesService } from './message-changes.service.js';
import { EditMessagePipe } from './messages.validation.js';

/** Changes of stored messages, over REST. */
@ApiTags('messages')
@ApiBearerAuth()
@Controller('chat/messages')
export class MessageChangesController {
  constructor(private readonly changes: MessageChangesService) {}

  @Patch(':messageId')
  @ApiOperation({ summary: 'Change the content of an own message; CONFLICT if it was deleted' })
  @ApiBody({ type: EditMessageDto })
  @ApiOkResponse({ type: ChatMessageDto })
  editMessage(
    @CurrentUser() user: AuthenticatedUser,
    @Param('messageId', IdPipe) messageId: string,
    @Body(EditMessagePipe) { content }: EditMessageRequest,
  ): Promise<ChatMessage> {
    return this.changes.editMessage(user, messageId, content);
  }

  @Delete(':messageId')
  @ApiOperation({ summary: 'Make a message a tombstone: an own one or, as an owner or admin of a group, any' })
  @ApiOkResponse({ type: ChatMessageDto })
  deleteMessage(@CurrentUser() user: AuthenticatedUser, @Param('messageId', IdPipe) messageId: string): Promise<ChatMessage> {
    return this.changes.deleteMessage(user, messageId);
  }

  @Post(':messageId/reactions')
  @HttpCode(200)
  @ApiOperation({ summary: 'Add a reaction of the current user, once per emoji; CONFLICT if the message was deleted' })
  @ApiOkResponse({ type: ChatMessageDto })
  addReaction(
    @CurrentUser() user: AuthenticatedUser,
    @Param('messageId', IdPipe) messageId: string,
    @Body() { emoji }: ReactionDto,
  ): Promise<ChatMessage> {
    return this.changes.addReaction(user, messageId, emoji);
  }

  @Delete(':messageId/reactions')
  @ApiOperation({ summary: 'Remove a reaction of the current user; CONFLICT if the message was deleted' })
  @ApiOkResponse({ type: ChatMessageDto })
  removeReaction(
    @CurrentUser() user: AuthenticatedUser,
    @Param('messageId', IdPipe) messageId: string,
    @Query() { emoji }: ReactionDto,
  ): Promise<ChatMessage> {
    return this.changes.removeReaction(user, messageId, emoji);
  }
}
