import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import {
  type ChatMessage,
  type MessageForMembers,
  type MessagePage,
  type MessageReceipt,
  type MessageVersion,
  type Paginated,
  SEND_MESSAGE,
  type SendMessageRequest,
} from '@chat/shared/contracts';
import { IdPipe, PageQuery } from '@chat/shared/http';
import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { ApiBearerAuth, ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ChatMessageDto,
  MessageForMembersDto,
  MessageIdsDto,
  MessagePageDto,
  MessageReceiptDto,
  MessagesQueryDto,
  MessageVersionPageDto,
  SendMessageDto,
} from './messages.dto.js';
import { MessagesService } from './messages.service.js';
import { SendMessagePipe } from './messages.validation.js';

/** REST, and the message pattern by which the gateway sends. */
@ApiTags('messages')
@ApiBearerAuth()
@Controller('chat/messages')
export class MessagesController {
  constructor(private readonly messages: MessagesService) {}

  @Post()
  @ApiOperation({ summary: 'Send a message, once per clientMessageId' })
  @ApiBody({ type: SendMessageDto })
  @ApiCreatedResponse({ type: ChatMessageDto })
  sendMessage(@CurrentUser() user: AuthenticatedUser, @Body(SendMessagePipe) request: SendMessageRequest): Promise<ChatMessage> {
    return this.messages.sendMessage(user, request);
  }

  @MessagePattern(SEND_MESSAGE)
  sendMessageByRpc(@CurrentUser() user: AuthenticatedUser, @Payload(SendMessagePipe) request: SendMessageRequest): Promise<ChatMessage> {
    return this.messages.sendMessage(user, request);
  }

  @Get()
  @ApiOperation({ summary: 'Messages of a conversation, ascending' })
  @ApiOkResponse({ type: MessagePageDto })
  getMessages(@CurrentUser() user: AuthenticatedUser, @Query() query: MessagesQueryDto): Promise<MessagePage> {
    return this.messages.getMessages(user, query);
  }

  @Post('receipts')
  @HttpCode(200)
  @ApiOperation({ summary: 'Status and readAt of messages; messages that the current user may not see are left out' })
  @ApiOkResponse({ type: [MessageReceiptDto] })
  getReceipts(@CurrentUser() user: AuthenticatedUser, @Body() { messageIds }: MessageIdsDto): Promise<MessageReceipt[]> {
    return this.messages.getReceipts(user, messageIds);
  }

  @Post('bulk')
  @HttpCode(200)
  @ApiOperation({ summary: 'Messages by id, in the order of the request; those that the current user may not see are left out' })
  @ApiOkResponse({ type: [MessageForMembersDto] })
  getMessagesByIds(@CurrentUser() user: AuthenticatedUser, @Body() { messageIds }: MessageIdsDto): Promise<MessageForMembers[]> {
    return this.messages.getMessagesByIds(user, messageIds);
  }

  @Get(':messageId/versions')
  @ApiOperation({ summary: 'The earlier versions of an edited message, oldest first, for every member of its conversation' })
  @ApiOkResponse({ type: MessageVersionPageDto })
  getVersions(
    @CurrentUser() user: AuthenticatedUser,
    @Param('messageId', IdPipe) messageId: string,
    @Query() { page, limit }: PageQuery,
  ): Promise<Paginated<MessageVersion>> {
    return this.messages.getVersions(user, messageId, page, limit);
  }

  @Get(':messageId')
  @ApiOkResponse({ type: ChatMessageDto })
  getMessage(@CurrentUser() user: AuthenticatedUser, @Param('messageId', IdPipe) messageId: string): Promise<ChatMessage> {
    return this.messages.getMessage(user, messageId);
  }

  @Patch(':messageId/read')
  @ApiOperation({ summary: 'Mark everything up to this message as read' })
  @ApiOkResponse({ type: ChatMessageDto })
  markMessageAsRead(@CurrentUser() user: AuthenticatedUser, @Param('messageId', IdPipe) messageId: string): Promise<ChatMessage> {
    return this.messages.markMessageAsRead(user, messageId);
  }
}
