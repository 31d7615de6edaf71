import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import type { ChatConversation } from '@chat/shared/contracts';
import { IdPipe } from '@chat/shared/http';
import { Body, Controller, Delete, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ChatConversationDto } from './conversations.dto.js';
import { AddMembersDto, CreateGroupDto, SetRoleDto, UpdateGroupDto } from './groups.dto.js';
import { GroupCreationService } from './group-creation.service.js';
import { GroupsService } from './groups.service.js';

@ApiTags('groups')
@ApiBearerAuth()
@Controller('chat')
export class GroupsController {
  constructor(
    private readonly groups: GroupsService,
    private readonly creation: GroupCreationService,
  ) {}

  @Post('groups')
  @ApiOperation({ summary: 'Create a group, whose owner is the current user' })
  @ApiCreatedResponse({ type: ChatConversationDto })
  createGroup(@CurrentUser() user: AuthenticatedUser, @Body() request: CreateGroupDto): Promise<ChatConversation> {
    return this.creation.createGroup(user, request);
  }

  @Patch('groups/:conversationId')
  @ApiOperation({ summary: 'Change the title and the picture' })
  @ApiOkResponse({ type: ChatConversationDto })
  updateGroup(
    @CurrentUser() user: AuthenticatedUser,
    @Param('conversationId', IdPipe) conversationId: string,
    @Body() changes: UpdateGroupDto,
  ): Promise<ChatConversation> {
    return this.groups.updateGroup(user, conversationId, changes);
  }

  @Post('groups/:conversationId/members')
  @HttpCode(200)
  @ApiOperation({ summary: 'Add members; those that are members already stay as they are' })
  @ApiOkResponse({ type: ChatConversationDto })
  addMembers(
    @CurrentUser() user: AuthenticatedUser,
    @Param('conversationId', IdPipe) conversationId: string,
    @Body() { userIds }: AddMembersDto,
  ): Promise<ChatConversation> {
    return this.groups.addMembers(user, conversationId, userIds);
  }

  @Patch('groups/:conversationId/members/:userId')
  @ApiOperation({ summary: 'Change the role of a member' })
  @ApiOkResponse({ type: ChatConversationDto })
  setRole(
    @CurrentUser() user: AuthenticatedUser,
    @Param('conversationId', IdPipe) conversationId: string,
    @Param('userId', IdPipe) userId: string,
    @Body() { role }: SetRoleDto,
  ): Promise<ChatConversation> {
    return this.groups.setRole(user, conversationId, userId, role);
  }

  @Delete('groups/:conversationId/members/:userId')
  @ApiOperation({ summary: 'Remove a member; for oneself this is leaving, and the answer is the group as it is afterwards' })
  @ApiOkResponse({ type: ChatConversationDto })
  removeMember(
    @CurrentUser() user: AuthenticatedUser,
    @Param('conversationId', IdPipe) conversationId: string,
    @Param('userId', IdPipe) userId: string,
  ): Promise<ChatConversation> {
    return this.groups.removeMember(user, conversationId, userId);
  }

  @Post('conversations/:conversationId/leave')
  @HttpCode(204)
  @ApiOperation({ summary: 'Leave a group. When the last owner leaves, another member becomes owner' })
  @ApiNoContentResponse()
  leave(@CurrentUser() user: AuthenticatedUser, @Param('conversationId', IdPipe) conversationId: string): Promise<void> {
    return this.groups.leave(user, conversationId);
  }
}
