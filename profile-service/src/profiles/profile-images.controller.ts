import { CurrentUser, type AuthenticatedUser } from '@chat/shared/auth';
import type { Profile } from '@chat/shared/contracts';
import { Body, Controller, Delete, HttpCode, Post, Put, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ProfileImagesService } from './profile-images.service.js';
import { ProfileDto, SetProfileImageDto } from './profiles.dto.js';

const FORM = { schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } } };

@ApiTags('profiles')
@ApiBearerAuth()
@Controller('profiles/me')
export class ProfileImagesController {
  constructor(private readonly images: ProfileImagesService) {}

  @Post('picture')
  @HttpCode(200)
  @ApiConsumes('multipart/form-data')
  @ApiBody(FORM)
  @ApiOperation({ summary: 'Uploads the profile picture of the current user' })
  @ApiOkResponse({ type: ProfileDto })
  uploadPicture(@CurrentUser() user: AuthenticatedUser, @Req() request: FastifyRequest): Promise<Profile> {
    return this.images.upload(user, 'picture', request.raw);
  }

  @Put('picture')
  @ApiOperation({ summary: 'Makes a completed upload the profile picture of the current user' })
  @ApiOkResponse({ type: ProfileDto })
  setPicture(@CurrentUser() user: AuthenticatedUser, @Body() { mediaId }: SetProfileImageDto): Promise<Profile> {
    return this.images.set(user, 'picture', mediaId);
  }

  @Delete('picture')
  @ApiOperation({ summary: 'Deletes the profile picture of the current user' })
  @ApiOkResponse({ type: ProfileDto })
  removePicture(@CurrentUser() user: AuthenticatedUser): Promise<Profile> {
    return this.images.remove(user, 'picture');
  }

  @Post('cover')
  @HttpCode(200)
  @ApiConsumes('multipart/form-data')
  @ApiBody(FORM)
  @ApiOperation({ summary: 'Uploads the cover image of the current user' })
  @ApiOkResponse({ type: ProfileDto })
  uploadCover(@CurrentUser() user: AuthenticatedUser, @Req() request: FastifyRequest): Promise<Profile> {
    return this.images.upload(user, 'cover', request.raw);
  }

  @Put('cover')
  @ApiOperation({ summary: 'Makes a completed upload the cover image of the current user' })
  @ApiOkResponse({ type: ProfileDto })
  setCover(@CurrentUser() user: AuthenticatedUser, @Body() { mediaId }: SetProfileImageDto): Promise<Profile> {
    return this.images.set(user, 'cover', mediaId);
  }

  @Delete('cover')
  @ApiOperation({ summary: 'Deletes the cover image of the current user' })
  @ApiOkResponse({ type: ProfileDto })
  removeCover(@CurrentUser() user: AuthenticatedUser): Promise<Profile> {
    return this.images.remove(user, 'cover');
  }
}
