import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import type { ChatConversation } from '@chat/shared/contracts';
import { IdPipe } from '@chat/shared/http';
import { Body, Controller, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ChatConversationDto } from './conversations.dto.js';
import { MuteDto } from './mutes.dto.js';
import { MutesService } from './mutes.service.js';

@ApiTags('conversations')
@ApiBearerAuth()
@Controller('chat/conversations')
export class MutesController {
  constructor(private readonly mutes: MutesService) {}

  @Put(':conversationId/mute')
  @ApiOperation({ summary: 'Mute a conversation until a time: its messages notify the current user of nothing' })
  @ApiOkResponse({ type: ChatConversationDto })
  muteConversation(
    @CurrentUser() user: AuthenticatedUser,
    @Param('conversationId', IdPipe) conversationId: string,
    @Body() { until }: MuteDto,
  ): Promise<ChatConversation> {
    return this.mutes.muteConversation(user, conversationId, until);
  }
}
