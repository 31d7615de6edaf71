import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import { type ChatMessage, type MessagePage, type MessageReceipt, SEND_MESSAGE, type SendMessageRequest } from '@chat/shared/contracts';
import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { ApiBearerAuth, ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { IdPipe } from '../id.pipe.js';
import { ChatMessageDto, MessagePageDto, MessageReceiptDto, MessagesQueryDto, ReceiptsRequestDto, SendMessageDto } from './messages.dto.js';
import { MessagesService } from './messages.service.js';
import { SendMessagePipe } from './send-message.pipe.js';

@ApiTags('messages')
@ApiBearerAuth()
@Controller('chat/messages')
export class MessagesController {
  constructor(private readonly messages: MessagesService) {}

  @Post()
  @ApiOperation({ summary: 'Send a message, once per clientMessageId' })
  @ApiBody({ type: SendMessageDto })
  @ApiCreatedResponse({ type: ChatMessageDto })
  sendMessage(@CurrentUser() caller: AuthenticatedUser, @Body(SendMessagePipe) request: SendMessageRequest): Promise<ChatMessage> {
    return this.messages.sendMessage(caller, request);
  }

  @MessagePattern(SEND_MESSAGE)
  sendMessageByRpc(@CurrentUser() user: AuthenticatedUser, @Payload(SendMessagePipe) request: SendMessageRequest): Promise<ChatMessage> {
    return this.messages.sendMessage(user, request);
  }

  @Get()
  @ApiOperation({ summary: 'Messages of a conversation, ascending' })
  @ApiOkResponse({ type: MessagePageDto })
  getMessages(@CurrentUser() caller: AuthenticatedUser, @Query() query: MessagesQueryDto): Promise<MessagePage> {
    return this.messages.getMessages(caller, query);
  }

  @Post('receipts')
  @HttpCode(200)
  @ApiOperation({ summary: 'Status and readAt of messages; those that the caller may not see are left out' })
  @ApiOkResponse({ type: [MessageReceiptDto] })
  getReceipts(@CurrentUser() caller: AuthenticatedUser, @Body() { messageIds }: ReceiptsRequestDto): Promise<MessageReceipt[]> {
    return this.messages.getReceipts(caller, messageIds);
  }

  @Get(':messageId')
  @ApiOkResponse({ type: ChatMessageDto })
  getMessage(@CurrentUser() caller: AuthenticatedUser, @Param('messageId', IdPipe) messageId: string): Promise<ChatMessage> {
    return this.messages.getMessage(caller, messageId);
  }

  @Patch(':messageId/read')
  @ApiOperation({ summary: 'Read everything up to this message' })
  @ApiOkResponse({ type: ChatMessageDto })
  markMessageAsRead(@CurrentUser() caller: AuthenticatedUser, @Param('messageId', IdPipe) messageId: string): Promise<ChatMessage> {
    return this.messages.markMessageAsRead(caller, messageId);
  }
}
