import { type AuthenticatedUser, CurrentUser, ForServices } from '@chat/shared/auth';
import type { ChatConversation, ConversationForMembers, ConversationMembers, ConversationSummary, Paginated } from '@chat/shared/contracts';
import { IdPipe, PageQuery } from '@chat/shared/http';
import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ChatConversationDto,
  ConversationForMembersDto,
  ConversationIdsDto,
  ConversationMembersDto,
  ConversationPageDto,
  OpenConversationDto,
  UpToDto,
} from './conversations.dto.js';
import { ConversationsService } from './conversations.service.js';
import { OmitsMembers } from './omits-members.js';

@ApiTags('conversations')
@ApiBearerAuth()
@Controller('chat/conversations')
export class ConversationsController {
  constructor(private readonly conversations: ConversationsService) {}

  @Get()
  @ApiOperation({ summary: 'The conversations of the current user, the one with the newest message first' })
  @ApiOkResponse({ type: ConversationPageDto })
  getConversations(
    @CurrentUser() user: AuthenticatedUser,
    @Query() { page, limit }: PageQuery,
    @OmitsMembers() omitsMembers: boolean,
  ): Promise<Paginated<ConversationSummary>> {
    return this.conversations.getConversations(user, page, limit, omitsMembers);
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'The direct conversation with a user, created if there is none' })
  @ApiOkResponse({ type: ChatConversationDto })
  openConversation(@CurrentUser() user: AuthenticatedUser, @Body() { receiverId }: OpenConversationDto): Promise<ChatConversation> {
    return this.conversations.openDirect(user, receiverId);
  }

  @Post('bulk')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Conversations by id, in the order of the request; those that the current user is not a member of are left out',
  })
  @ApiOkResponse({ type: [ChatConversationDto] })
  getConversationsByIds(
    @CurrentUser() user: AuthenticatedUser,
    @Body() { conversationIds }: ConversationIdsDto,
  ): Promise<ChatConversation[]> {
    return this.conversations.getConversationsByIds(user, conversationIds);
  }

  @Post('members')
  @HttpCode(200)
  @ApiOperation({ summary: 'The members of conversations; those that the current user is not a member of are left out' })
  @ApiOkResponse({ type: [ConversationMembersDto] })
  getMembers(@CurrentUser() user: AuthenticatedUser, @Body() { conversationIds }: ConversationIdsDto): Promise<ConversationMembers[]> {
    return this.conversations.getMembers(user, conversationIds);
  }

  @Get(':conversationId')
  @ApiOkResponse({ type: ChatConversationDto })
  getConversation(
    @CurrentUser() user: AuthenticatedUser,
    @Param('conversationId', IdPipe) conversationId: string,
    @OmitsMembers() omitsMembers: boolean,
  ): Promise<ConversationSummary> {
    return this.conversations.getSummary(user, conversationId, omitsMembers);
  }

  @Get(':conversationId/for-members')
  @ForServices('api-gateway')
  @ApiOperation({ summary: 'The conversation as each of its members sees it; for the gateway only' })
  @ApiOkResponse({ type: ConversationForMembersDto })
  getConversationForMembers(@Param('conversationId', IdPipe) conversationId: string): Promise<ConversationForMembers> {
    return this.conversations.getConversationForMembers(conversationId);
  }

  @Patch(':conversationId/read')
  @ApiOperation({ summary: 'Mark everything up to a seq as read' })
  @ApiOkResponse({ type: ChatConversationDto })
  markConversationAsRead(
    @CurrentUser() user: AuthenticatedUser,
    @Param('conversationId', IdPipe) conversationId: string,
    @Body() { seq }: UpToDto,
    @OmitsMembers() omitsMembers: boolean,
  ): Promise<ConversationSummary> {
    return this.conversations.markConversationAsRead(user, conversationId, seq, omitsMembers);
  }

  @Patch(':conversationId/delivered')
  @HttpCode(204)
  @ApiOperation({ summary: 'Confirm that a device has received everything up to a seq' })
  @ApiNoContentResponse()
  markConversationAsDelivered(
    @CurrentUser() user: AuthenticatedUser,
    @Param('conversationId', IdPipe) conversationId: string,
    @Body() { seq }: UpToDto,
  ): Promise<void> {
    return this.conversations.markConversationAsDelivered(user, conversationId, seq);
  }
}
