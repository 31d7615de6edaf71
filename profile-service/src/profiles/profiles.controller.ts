import { CurrentUser, type AuthenticatedUser } from '@chat/shared/auth';
import type { Profile } from '@chat/shared/contracts';
import { IdPipe } from '@chat/shared/http';
import { Body, Controller, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ProfileSearchService } from './profile-search.service.js';
import { BulkProfilesDto, ProfileDto, SearchProfilesDto, UpdateProfileDto } from './profiles.dto.js';
import { ProfilesService } from './profiles.service.js';

@ApiTags('profiles')
@ApiBearerAuth()
@Controller('profiles')
export class ProfilesController {
  constructor(
    private readonly profiles: ProfilesService,
    private readonly searches: ProfileSearchService,
  ) {}

  @Get('me')
  @ApiOperation({ summary: 'The profile of the current user' })
  @ApiOkResponse({ type: ProfileDto })
  findOwn(@CurrentUser() user: AuthenticatedUser): Promise<Profile> {
    return this.profiles.findOwn(user);
  }

  @Patch('me')
  @ApiOperation({
    summary: 'Changes the profile of the current user: a missing field is not changed, null or an empty string clears a field',
  })
  @ApiOkResponse({ type: ProfileDto })
  updateOwn(@CurrentUser() user: AuthenticatedUser, @Body() changes: UpdateProfileDto): Promise<Profile> {
    return this.profiles.updateOwn(user, changes);
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Creates the profile of the current user; an existing profile is returned unchanged' })
  @ApiOkResponse({ type: ProfileDto })
  createOwn(@CurrentUser() user: AuthenticatedUser, @Body() fields: UpdateProfileDto): Promise<Profile> {
    return this.profiles.createOwn(user, fields);
  }

  @Post('bulk')
  @HttpCode(200)
  @ApiOperation({ summary: 'Up to 100 profiles, in the order of the ids; null for unknown ids' })
  @ApiOkResponse({ type: [ProfileDto] })
  findMany(@CurrentUser() user: AuthenticatedUser, @Body() { userIds }: BulkProfilesDto): Promise<(Profile | null)[]> {
    return this.profiles.findMany(user, userIds);
  }

  /** A POST, so that the text is in no log of URLs. */
  @Post('search')
  @HttpCode(200)
  @ApiOperation({ summary: 'Users whose user name or names begin with a text, then those with a later word that does' })
  @ApiOkResponse({ type: [ProfileDto] })
  search(@CurrentUser() user: AuthenticatedUser, @Body() request: SearchProfilesDto): Promise<Profile[]> {
    return this.searches.search(user, request);
  }

  @Get(':userId')
  @ApiParam({ name: 'userId', format: 'uuid' })
  @ApiOperation({ summary: 'A profile, with the fields that the current user may see' })
  @ApiOkResponse({ type: ProfileDto })
  find(@CurrentUser() user: AuthenticatedUser, @Param('userId', IdPipe) userId: string): Promise<Profile> {
    return this.profiles.find(user, userId);
  }
}
