import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import { IdPipe } from '@chat/shared/http';
import { Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BlocksService } from './blocks.service.js';

@ApiTags('blocks')
@ApiBearerAuth()
@Controller('chat/blocks')
export class BlocksController {
  constructor(private readonly blocks: BlocksService) {}

  @Get()
  @ApiOperation({ summary: 'The ids of the users that the current user has blocked, the last one first' })
  @ApiOkResponse({ type: [String] })
  getBlockedUsers(@CurrentUser() user: AuthenticatedUser): Promise<string[]> {
    return this.blocks.getBlockedUsers(user);
  }

  @Put(':userId')
  @HttpCode(204)
  @ApiOperation({ summary: 'Block a user; no change if the user is blocked already' })
  @ApiNoContentResponse()
  blockUser(@CurrentUser() user: AuthenticatedUser, @Param('userId', IdPipe) userId: string): Promise<void> {
    return this.blocks.blockUser(user, userId);
  }

  @Delete(':userId')
  @HttpCode(204)
  @ApiOperation({ summary: 'Unblock a user; no change if the user is not blocked' })
  @ApiNoContentResponse()
  unblockUser(@CurrentUser() user: AuthenticatedUser, @Param('userId', IdPipe) userId: string): Promise<void> {
    return this.blocks.unblockUser(user, userId);
  }
}
