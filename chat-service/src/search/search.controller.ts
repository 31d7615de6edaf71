import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import type { SearchPage } from '@chat/shared/contracts';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { SearchMessagesDto, SearchPageDto } from './search.dto.js';
import { SearchService } from './search.service.js';

@ApiTags('messages')
@ApiBearerAuth()
@Controller('chat/messages/search')
export class SearchController {
  constructor(private readonly search: SearchService) {}

  /** A POST, so that the text is in no log of URLs. */
  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Messages of the conversations of the current user that contain a text, newest first' })
  @ApiOkResponse({ type: SearchPageDto })
  searchMessages(@CurrentUser() user: AuthenticatedUser, @Body() request: SearchMessagesDto): Promise<SearchPage> {
    return this.search.searchMessages(user, request);
  }
}
