import { CurrentUser, type AuthenticatedUser } from '@chat/shared/auth';
import type { Profile } from '@chat/shared/contracts';
import { Body, Controller, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProfileView } from './profile.view.js';
import { ProfilesOfDto, UpdateProfileDto, UserIdParams } from './profiles.dto.js';
import { ProfilesService } from './profiles.service.js';

@ApiTags('profiles')
@ApiBearerAuth()
@Controller('profiles')
export class ProfilesController {
  constructor(private readonly profiles: ProfilesService) {}

  @Get('me')
  @ApiOperation({ summary: "The caller's own profile" })
  @ApiOkResponse({ type: ProfileView })
  findOwn(@CurrentUser() caller: AuthenticatedUser): Promise<Profile> {
    return this.profiles.findOwn(caller);
  }

  @Patch('me')
  @ApiOperation({ summary: "Changes the caller's profile: what is left out stays, null or an empty string clears" })
  @ApiOkResponse({ type: ProfileView })
  updateOwn(@CurrentUser() caller: AuthenticatedUser, @Body() changes: UpdateProfileDto): Promise<Profile> {
    return this.profiles.updateOwn(caller, changes);
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: "Makes the caller's profile; one that is there already is given back as it is" })
  @ApiOkResponse({ type: ProfileView })
  makeOwn(@CurrentUser() caller: AuthenticatedUser, @Body() fields: UpdateProfileDto): Promise<Profile> {
    return this.profiles.makeOwn(caller, fields);
  }

  @Post('bulk')
  @HttpCode(200)
  @ApiOperation({ summary: 'At most 100 profiles, in the order asked; null for unknown ids' })
  @ApiOkResponse({ type: [ProfileView] })
  findMany(@CurrentUser() caller: AuthenticatedUser, @Body() { userIds }: ProfilesOfDto): Promise<(Profile | null)[]> {
    return this.profiles.findMany(caller, userIds);
  }

  @Get(':userId')
  @ApiOperation({ summary: "Anyone's profile, as the caller may see it" })
  @ApiOkResponse({ type: ProfileView })
  find(@CurrentUser() caller: AuthenticatedUser, @Param() { userId }: UserIdParams): Promise<Profile> {
    return this.profiles.find(caller, userId);
  }
}
