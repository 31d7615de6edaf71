import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import { IdPipe } from '@chat/shared/http';
import { Body, Controller, HttpCode, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { TypingDto } from './typing.dto.js';
import { TypingService } from './typing.service.js';

@ApiTags('conversations')
@ApiBearerAuth()
@Controller('chat/conversations')
export class TypingController {
  constructor(private readonly typing: TypingService) {}

  @Put(':conversationId/typing')
  @HttpCode(204)
  @ApiOperation({ summary: 'Tell the other members, live only, whether the current user is typing' })
  @ApiNoContentResponse()
  setTyping(
    @CurrentUser() user: AuthenticatedUser,
    @Param('conversationId', IdPipe) conversationId: string,
    @Body() { typing }: TypingDto,
  ): Promise<void> {
    return this.typing.setTyping(user.userId, conversationId, typing);
  }
}
