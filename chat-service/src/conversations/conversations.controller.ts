import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import type { ChatConversation, Paginated } from '@chat/shared/contracts';
import { PageQuery } from '@chat/shared/http';
import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { IdPipe } from '../id.pipe.js';
import { ChatConversationDto, ConversationIdsDto, ConversationPageDto, OpenConversationDto, ReadUpToDto } from './conversations.dto.js';
import { ConversationsService } from './conversations.service.js';

@ApiTags('conversations')
@ApiBearerAuth()
@Controller('chat/conversations')
export class ConversationsController {
  constructor(private readonly conversations: ConversationsService) {}

  @Get()
  @ApiOperation({ summary: "The caller's conversations, the one with the newest message first" })
  @ApiOkResponse({ type: ConversationPageDto })
  getConversations(@CurrentUser() caller: AuthenticatedUser, @Query() { page, limit }: PageQuery): Promise<Paginated<ChatConversation>> {
    return this.conversations.getConversations(caller, page, limit);
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'The direct conversation with a person, made if there is none' })
  @ApiOkResponse({ type: ChatConversationDto })
  openConversation(@CurrentUser() caller: AuthenticatedUser, @Body() { receiverId }: OpenConversationDto): Promise<ChatConversation> {
    return this.conversations.openDirect(caller, receiverId);
  }

  @Post('bulk')
  @HttpCode(200)
  @ApiOperation({ summary: 'Those of the conversations that the caller is in, in the order asked' })
  @ApiOkResponse({ type: [ChatConversationDto] })
  getSome(@CurrentUser() caller: AuthenticatedUser, @Body() { conversationIds }: ConversationIdsDto): Promise<ChatConversation[]> {
    return this.conversations.getSome(caller, conversationIds);
  }

  @Get(':conversationId')
  @ApiOkResponse({ type: ChatConversationDto })
  getConversation(
    @CurrentUser() caller: AuthenticatedUser,
    @Param('conversationId', IdPipe) conversationId: string,
  ): Promise<ChatConversation> {
    return this.conversations.getConversation(caller, conversationId);
  }

  @Patch(':conversationId/read')
  @ApiOperation({ summary: 'Read everything up to a seq' })
  @ApiOkResponse({ type: ChatConversationDto })
  markConversationAsRead(
    @CurrentUser() caller: AuthenticatedUser,
    @Param('conversationId', IdPipe) conversationId: string,
    @Body() { seq }: ReadUpToDto,
  ): Promise<ChatConversation> {
    return this.conversations.markConversationAsRead(caller, conversationId, seq);
  }
}
